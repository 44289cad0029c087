/** Records that change entry by entry: many events one after another copy each record once, not once an event. */

type Entries<T> = Record<string, T>;

/** Give one to a row of events whose states between are kept by nobody. Records that it did not make itself stay as they are. */
export class Drafts {
  /** The records that were made here, and how many entries each has. */
  readonly #sizes = new WeakMap<object, number>();

  /** The record with an entry, or without it where there is no value; the same record where that changes nothing. */
  with<T extends object>(
    record: Entries<T>,
    name: string | number,
    value: NoInfer<T> | null | undefined,
  ): Entries<T> {
    const before = record[name];
    if ((before ?? null) === (value ?? null)) return record;
    const own = this.#sizes.has(record) ? record : { ...record };
    const size = this.#sizes.get(own) ?? Object.keys(own).length;
    if (value) own[name] = value;
    else Reflect.deleteProperty(own, name);
    this.#sizes.set(own, size + Number(Boolean(value)) - Number(before !== undefined));
    return own;
  }

  isEmpty(record: Entries<object>): boolean {
    return (this.#sizes.get(record) ?? Object.keys(record).length) === 0;
  }
}
