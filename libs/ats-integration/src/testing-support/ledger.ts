import type { CreditLedger, CreditRefusal } from '../plan/credit-ledger.port.js';

/** Credits as the port asks for them: each key is reserved once, then committed or released once. */
export class Ledger implements CreditLedger {
  readonly keys = new Map<string, 'reserved' | 'committed' | 'released'>();

  constructor(public credits = 1000) {}

  reserve(key: string, charge: { readonly credits: number }): Promise<{ readonly ok: true } | CreditRefusal> {
    if (this.keys.has(key)) return Promise.resolve({ ok: true });
    if (this.credits < charge.credits) return Promise.resolve({ ok: false, message: 'No credits are left.' });
    this.credits -= charge.credits;
    this.keys.set(key, 'reserved');
    return Promise.resolve({ ok: true });
  }

  commit(key: string): Promise<void> {
    if (this.keys.get(key) === 'reserved') this.keys.set(key, 'committed');
    return Promise.resolve();
  }

  release(key: string): Promise<void> {
    if (this.keys.get(key) === 'reserved') {
      this.keys.set(key, 'released');
      this.credits += 1;
    }
    return Promise.resolve();
  }

  count(state: 'reserved' | 'committed' | 'released'): number {
    return [...this.keys.values()].filter((held) => held === state).length;
  }
}
