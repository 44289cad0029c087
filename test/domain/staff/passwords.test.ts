/** What a new password needs: length, no place on a list of leaked ones, and no words of the account. */
import { describe, expect, it } from 'vitest';
import { faultOfPassword, longestPassword } from '../../../src/domain/staff/passwords.js';
import { units } from '../../support/people.js';

const deps = {
  config: { baseUrl: 'https://mail.acmecorp.example' },
  catalogue: async () => ({ units: new Map(units.map((unit) => [unit.id, unit])) }),
};
const owner = { email: 'ann.larsen@acmecorp.example', name: 'Ann Sofie Müller Larsen' };
const faultOf = (password: string) => faultOfPassword(deps, password, owner);

describe('a password that attackers try first is refused, whatever characters it has', () => {
  it.each([
    'password1234',
    'Password1234!',
    'P@ssw0rd1234',
    'qwertyuiop12',
    '1q2w3e4r5t6y',
    'abcdefghijkl',
    'aaaaaaaaaaaab',
    'letmeinletmein',
    'drowssap4321',
    'Summer2026!!',
    'hunter2hunter2',
    'changeme1234',
  ])('%s', async (password) => {
    expect(await faultOf(password)).toMatch(/leaked/);
  });
});

describe('a password made of words of the account is refused', () => {
  it.each([
    ['the name', 'AnnSofieLarsen'],
    ['a part of the name and a year', 'ann.larsen.1987'],
    ['the name without its accents', 'Muller-2026!'],
    ['the address', 'ann.larsen@acmecorp.example'],
    ['the domain of the portal', 'acmecorp2026!'],
    ['the name of a business unit', 'Northwind-Outdoors-1'],
    ['the name of a unit in disguise', 'N0rthw1nd2026!!'],
    ['the name of a unit in another language', 'FjellHoteller26'],
    ['the domain of a sender', 'fjell.example.1'],
    ['the name of the product', 'sayso-2026!!'],
    ['several of them', 'AnnLarsen-Northwind'],
  ])('%s', async (_, password) => {
    expect(await faultOf(password)).toMatch(/names of your company/);
  });
});

describe('a password that is hard to guess is accepted', () => {
  it.each([
    'correct horse battery staple',
    'kite lamp otter coin',
    'three quiet rivers north of northwind',
    'jeg elsker fjell om høsten',
    'xK9#mQ2$vL7p',
    'ポータルの合言葉は秘密です',
    'x'.padEnd(longestPassword, 'kite lamp otter coin '),
  ])('%s', async (password) => {
    expect(await faultOf(password)).toBeNull();
  });
});

it('a password has 12 to 200 characters', async () => {
  expect(await faultOf('xK9#mQ2$vL7')).toMatch(/at least 12/);
  expect(await faultOf(`${'kite lamp otter coin '.repeat(9)}kite lamp ott`)).toMatch(/at most 200/);
});
