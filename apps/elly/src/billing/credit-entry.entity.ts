import { defineEntity } from '@mikro-orm/postgresql';

export const CREDIT_ENTRY_KINDS = ['grant', 'reserve', 'commit', 'release'] as const;
export type CreditEntryKind = (typeof CREDIT_ENTRY_KINDS)[number];

/** One line of the ledger: written once, never changed. The sum of `credits` is the workspace's balance. */
export class CreditEntry {
  /** Grows with every entry. */
  declare readonly id: string;
  declare readonly workspaceId: string;
  /** What was charged for; a reservation and its settlement share it. */
  declare readonly key: string;
  declare readonly kind: CreditEntryKind;
  /** What it added to the balance: negative for a reservation, 0 for its commit. */
  declare readonly credits: number;
  declare readonly reason: string;
  declare readonly createdAt: Date;
}

export const CreditEntrySchema = defineEntity({
  class: CreditEntry,
  tableName: 'credit_entries',
  schema: 'elly',
  readonly: true,
  properties: (p) => ({
    id: p.bigint('string').primary(),
    workspaceId: p.uuid(),
    key: p.text(),
    kind: p.text().$type<CreditEntryKind>(),
    credits: p.integer(),
    reason: p.text(),
    createdAt: p.datetime(),
  }),
});
