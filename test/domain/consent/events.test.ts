/** Events and their chain: the same bytes everywhere, and every removal, insertion, move or change is found. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, faultOfEvent, makeEvents } from '../../../src/domain/consent/events.js';
import type { ChainHead } from '../../../src/domain/consent/events.js';
import type { Change, ConsentEvent } from '../../../src/vocabulary/terms.js';
import { actors, given, now } from '../../support/judge.js';

const start: ChainHead = { seq: 0, chainHead: '' };

function chainOf(count: number): ConsentEvent[] {
  const changes = Array.from({ length: count }, (_, typeId): Change => {
    return { op: 'STATUS', unitId: 0, typeId, from: 'NOT_SPECIFIED', to: 'SUBSCRIBED' };
  });
  return makeEvents(start, changes, { at: now, channel: 'EMAIL', actor: actors.staff, circumstances: given });
}

function faultsOf(events: ConsentEvent[]): string[] {
  let head = start;
  return events.flatMap((event) => {
    const fault = faultOfEvent(head, event);
    head = { seq: event.seq, chainHead: event.hash };
    return fault ? [fault] : [];
  });
}

describe('the chain of events', () => {
  it('is valid for new events, and after words were erased', () => {
    expect(faultsOf(chainOf(5))).toEqual([]);
    expect(faultsOf(chainOf(5).map((event) => ({ ...event, detail: null })))).toEqual([]);
  });

  it('reveals an event that was removed, doubled or moved', () => {
    const events = chainOf(4);
    expect(faultsOf(events.filter(({ seq }) => seq !== 2))[0]).toBe('event 2 is missing (found 3)');
    expect(faultsOf(events.flatMap((event) => (event.seq === 2 ? [event, event] : [event])))).not.toEqual([]);
    expect(faultsOf([...events].reverse())).not.toEqual([]);
  });

  it('reveals a change to any field of any event', () => {
    const events = chainOf(3);
    const alter: ((event: ConsentEvent) => Partial<ConsentEvent>)[] = [
      () => ({ at: new Date(now.getTime() + 1) }),
      () => ({ channel: 'SMS' }),
      () => ({ actor: { kind: 'CONTACT' } }),
      ({ actor }) => ({ actor: { ...actor, ref: 'user:2' } }),
      () => ({ change: { op: 'STATUS', unitId: 0, typeId: 1, from: 'NOT_SPECIFIED', to: 'UNSUBSCRIBED' } }),
      () => ({ legalBasis: 'NON_GDPR' }),
      () => ({ isMachine: true }),
      () => ({ locale: 'nb' }),
      () => ({ wording: 'another' }),
      () => ({ campaign: 'spring' }),
      () => ({ detailHash: 'another' }),
      () => ({ previous: 'another' }),
      () => ({ hash: 'another' }),
      ({ detail }) => ({ detail: { salt: detail?.salt ?? '', explanation: 'Said something else.' } }),
      () => ({ detail: { salt: 'another', explanation: given.explanation } }),
    ];
    alter.forEach((change, index) => {
      const altered = events.map((event) => (event.seq === 2 ? { ...event, ...change(event) } : event));
      expect(faultsOf(altered), `alteration ${index}`).not.toEqual([]);
    });
  });

  it('continues from any event', () => {
    const first = chainOf(2);
    const last = first[1];
    const head = { seq: last?.seq ?? 0, chainHead: last?.hash ?? '' };
    const change: Change = { op: 'LINKS_REVOKED', unitId: null, typeId: null, from: 0, to: 1 };
    const next = makeEvents(head, [change], {
      at: now,
      channel: 'EMAIL',
      actor: actors.staff,
      circumstances: {},
    });
    expect(faultsOf([...first, ...next])).toEqual([]);
  });
});

describe('what is recorded', () => {
  it('salts the words, so a list of guesses cannot reveal them from the hash that remains', () => {
    const [one, two] = [chainOf(1)[0], chainOf(1)[0]];
    expect(one?.detail?.explanation).toBe(two?.detail?.explanation);
    expect(one?.detailHash).not.toBe(two?.detailHash);
  });

  it('shortens a long user agent', () => {
    const [event] = makeEvents(start, [{ op: 'ERASED', unitId: null, typeId: null }], {
      at: now,
      channel: 'EMAIL',
      actor: actors.freshContact,
      circumstances: { userAgent: 'x'.repeat(5000) },
    });
    expect(event?.detail?.userAgent).toHaveLength(300);
  });
});

describe('the canonical form', () => {
  it('does not depend on the order of fields or on undefined fields', () => {
    expect(canonical({ b: 1, a: { d: null, c: [now] } })).toBe(
      canonical({ a: { c: [now], d: null }, b: 1, e: undefined }),
    );
  });

  it('differs when any value differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
        const normal = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
        const isSame = canonical(normal(one)) === canonical(normal(two));
        expect(isSame).toBe(isDeepStrictEqual(normal(one), normal(two)));
      }),
    );
  });
});
