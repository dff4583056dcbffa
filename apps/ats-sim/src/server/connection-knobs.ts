import { z } from 'zod';
import type { ProviderId, SimulatedAccount } from '../simulator.js';

const OWN_KNOBS = {
  greenhouse: z.object({
    /** How a token answer says when it ends: vendors' clients have met all three. */
    tokenExpiryShape: z.enum(['expires_at', 'expires_in', 'expires']).default('expires_at'),
  }),
  lever: z.object({
    /** How long a refresh token still works after it was used. */
    refreshGraceSeconds: z.number().min(0).default(0),
  }),
} as const;

/** The knobs of an account that concern its tokens; the vendor's own simulator knows the others. */
export class ConnectionKnobs {
  readonly #values = new WeakMap<SimulatedAccount, Readonly<Record<string, unknown>>>();

  /** Throws an Error with a sentence for a wrong value. */
  split(
    provider: ProviderId,
    knobs: Readonly<Record<string, unknown>>,
  ): { readonly own: Readonly<Record<string, unknown>>; readonly vendor: Readonly<Record<string, unknown>> } {
    const shape = OWN_KNOBS[provider];
    const isOwn = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(shape.shape, name);
    const entries = Object.entries(knobs);
    const own = Object.fromEntries(entries.filter(isOwn));
    const checked = shape.safeParse(own);
    if (!checked.success) {
      const issue = checked.error.issues[0];
      throw new Error(`The knob "${issue?.path.join('.') ?? ''}" is wrong: ${issue?.message ?? 'bad value'}.`);
    }
    return { own, vendor: Object.fromEntries(entries.filter((entry) => !isOwn(entry))) };
  }

  set(account: SimulatedAccount, own: Readonly<Record<string, unknown>>): void {
    this.#values.set(account, OWN_KNOBS[account.provider].parse({ ...this.of(account), ...own }));
  }

  of(account: SimulatedAccount): Readonly<Record<string, unknown>> {
    return this.#values.get(account) ?? OWN_KNOBS[account.provider].parse({});
  }
}
