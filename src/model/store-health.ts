/** How a store is doing, by what it says itself. */
export interface StoreHealthReport {
  readonly engine: {
    readonly name: 'SQLite' | 'MongoDB' /** Null: the server does not say. */;
    readonly version: string | null;
  };
  /** Of what is stored; null: nothing is yet. */
  readonly layout: number | null;
  /** The newest that this Trueup knows. */
  readonly knownLayout: number;
  readonly bytes: number;
  /** Where it lies; null: nobody says. */
  readonly freeBytes: number | null;
  /** In the database's own words; null: none is seen. */
  readonly damage: string | null;
}
