/** Records that change entry by entry. A series of events copies each record once, not once per event. */

type Entries<T> = Record<string, T>;

/** Pass one to a series of events if no caller keeps the states in between. Records from elsewhere are not modified. */
export class Drafts {
  /** The records that were copied here, and how many entries each has. */
  readonly #sizes = new WeakMap<object, number>();

  /** Returns the record with this value, or without the entry if the value is empty. Returns the same record if nothing changes. */
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
