/** Names and explanations are cleaned of invisible characters, and keep what languages need. */
import { expect, it } from 'vitest';
import { oneLine, severalLines } from '../src/clean-text.js';

it('removes control and direction characters from names', () => {
  expect(oneLine('  Ida\u202e Lund\u2066 ')).toBe('Ida Lund');
  expect(oneLine('Ida\u0000\r\nLund\u2028\u200bx')).toBe('Ida Lund x');
  expect(oneLine('I\u00addа\ufeff\u061c\u3164')).toBe('Idа');
  expect(oneLine('\ud800Ida')).toBe('Ida');
});

it('keeps accents, joiners and emoji, and composes what is decomposed', () => {
  expect(oneLine('Mu\u0308ller')).toBe('Müller');
  for (const name of ['می\u200cخواهم', '👩\u200d💻', '❤\ufe0f', 'क्\u200dष', 'Ólafur Þór'])
    expect(oneLine(name)).toBe(name);
});

it('keeps the lines of explanations', () => {
  expect(severalLines(' Asked\r\nby \u202ephone.\t\tTwice.\u0007\n\n\u2029')).toBe('Asked\nby phone. Twice.');
});
