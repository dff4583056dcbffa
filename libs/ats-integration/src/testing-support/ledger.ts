import type { CreditLedger, CreditRefusal } from '../plan/credit-ledger.port.js';

export type LedgerCall = 'reserve' | 'commit' | 'release';
type Hook = (call: LedgerCall, key: string) => void | Promise<void>;

const NOTHING: Hook = () => undefined;

/** Credits as the port asks for them: each key is reserved once, then committed or released once. */
export class Ledger implements CreditLedger {
  readonly keys = new Map<string, 'reserved' | 'committed' | 'released'>();
  /** What a call meets on its way in and its answer on the way out: what throws there is a ledger that fails. */
  before = NOTHING;
  after = NOTHING;

  constructor(public credits = 1000) {}

  reserve(key: string, charge: { readonly credits: number }): Promise<{ readonly ok: true } | CreditRefusal> {
    return this.#call('reserve', key, () => {
      if (this.keys.has(key)) return { ok: true };
      if (this.credits < charge.credits) return { ok: false, message: 'No credits are left.' };
      this.credits -= charge.credits;
      this.keys.set(key, 'reserved');
      return { ok: true };
    });
  }

  commit(key: string): Promise<void> {
    return this.#call('commit', key, () => {
      if (this.keys.get(key) === 'reserved') this.keys.set(key, 'committed');
    });
  }

  release(key: string): Promise<void> {
    return this.#call('release', key, () => {
      if (this.keys.get(key) !== 'reserved') return;
      this.keys.set(key, 'released');
      this.credits += 1;
    });
  }

  count(state: 'reserved' | 'committed' | 'released'): number {
    return [...this.keys.values()].filter((held) => held === state).length;
  }

  /** As before the first customer. */
  reset(credits: number): void {
    this.credits = credits;
    this.keys.clear();
    this.before = NOTHING;
    this.after = NOTHING;
  }

  async #call<Result>(call: LedgerCall, key: string, work: () => Result): Promise<Result> {
    await this.before(call, key);
    const result = work();
    await this.after(call, key);
    return result;
  }
}
