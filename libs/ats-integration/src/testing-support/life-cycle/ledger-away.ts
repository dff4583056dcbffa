/** What a ledger throws that is away, or whose answer is lost. */
export class LedgerAway extends Error {
  override readonly name = 'LedgerAway';
  readonly code = 'ledger-away';
}
