import type { KeptAccount } from '../persistence/kept-state.js';
import type { ChangeRequest, ProviderId, SimulatedAccount, Simulator } from '../simulator.js';
import type { SandboxClock } from './sandbox-clock.js';

/** An account to make; what is absent has a default. */
export interface NewAccount {
  readonly provider: ProviderId;
  readonly name?: string | undefined;
  readonly seed?: number | undefined;
  readonly candidates?: number | undefined;
  readonly knobs?: Readonly<Record<string, unknown>> | undefined;
}

const DEFAULT_CANDIDATES = 200;
const VENDOR_NAMES: Readonly<Record<ProviderId, string>> = { greenhouse: 'Greenhouse', lever: 'Lever' };

type Origin = Pick<KeptAccount, 'madeAt' | 'changes'>;

/** The customers' accounts at both vendors. */
export class AccountRegistry {
  readonly #simulators: readonly Simulator[];
  readonly #clock: SandboxClock;
  readonly #seed: number;
  readonly #knobs: Readonly<Record<string, unknown>>;
  readonly #byProvider: Readonly<Record<ProviderId, Map<string, SimulatedAccount>>> = {
    greenhouse: new Map(),
    lever: new Map(),
  };
  readonly #origins = new WeakMap<SimulatedAccount, Origin>();
  #made: Record<ProviderId, number> = { greenhouse: 0, lever: 0 };

  /** The knobs are those of every account that does not turn them otherwise. */
  constructor(
    simulators: readonly Simulator[],
    clock: SandboxClock,
    seed: number,
    knobs: Readonly<Record<string, unknown>>,
  ) {
    this.#simulators = simulators;
    this.#clock = clock;
    this.#seed = seed;
    this.#knobs = knobs;
  }

  /** Throws an Error with a sentence when a knob is unknown or there is no simulator of that vendor. */
  create(request: NewAccount): SimulatedAccount {
    const { provider } = request;
    const simulator = this.#simulatorOf(provider);
    const number = this.#made[provider] + 1;
    const id = `${provider}-${number}`;
    const account = simulator.createAccount(
      id,
      {
        name: request.name ?? `Acme ${VENDOR_NAMES[provider]}${number === 1 ? '' : ` ${number}`}`,
        seed: request.seed ?? this.#seed + number - 1,
        candidates: request.candidates ?? DEFAULT_CANDIDATES,
        knobs: { ...this.#knobs, ...request.knobs },
      },
      this.#clock,
    );
    this.#made[provider] = number;
    this.#byProvider[provider].set(id, account);
    this.#origins.set(account, { madeAt: this.#clock.now().getTime(), changes: [] });
    return account;
  }

  /** Changes an account as a person in that ATS would, in a way that can be kept. */
  change(account: SimulatedAccount, change: ChangeRequest): ReturnType<SimulatedAccount['change']> {
    const at = this.#clock.now().getTime();
    const applied = this.#clock.during(at, () => account.change(change));
    this.#origins.get(account)?.changes.push({ at, change });
    return applied;
  }

  /** Enough to make the same accounts again. */
  kept(): { readonly accounts: KeptAccount[]; readonly accountsMade: Record<ProviderId, number> } {
    const accounts = this.list().map((account) => {
      const { id, provider, options } = account;
      const { name, seed, candidates } = options;
      const origin = this.#origins.get(account) ?? { madeAt: this.#clock.now().getTime(), changes: [] };
      const webhooks = { ...account.webhooks.kept() };
      return { id, provider, name, seed, candidates, knobs: { ...account.knobs() }, webhooks, ...origin };
    });
    return { accounts, accountsMade: { ...this.#made } };
  }

  /** Makes the accounts again, each at its own time, and does again what was done to them. */
  restore(kept: ReturnType<AccountRegistry['kept']>): void {
    for (const { id, provider, name, seed, candidates, knobs, madeAt, changes, webhooks } of kept.accounts) {
      const simulator = this.#simulatorOf(provider);
      const options = { name, seed, candidates, knobs };
      const account = this.#clock.during(madeAt, () => simulator.createAccount(id, options, this.#clock));
      for (const { at, change } of changes) this.#again(account, at, change);
      // Only now: nobody is to be told again of what happened before.
      account.webhooks.restore(webhooks);
      this.#byProvider[provider].set(id, account);
      this.#origins.set(account, { madeAt, changes });
    }
    this.#made = { ...kept.accountsMade };
  }

  get(id: string): SimulatedAccount | undefined {
    return this.#byProvider.greenhouse.get(id) ?? this.#byProvider.lever.get(id);
  }

  list(): readonly SimulatedAccount[] {
    return [...this.#byProvider.greenhouse.values(), ...this.#byProvider.lever.values()];
  }

  /** Live: accounts made later appear in it. */
  of(provider: ProviderId): ReadonlyMap<string, SimulatedAccount> {
    return this.#byProvider[provider];
  }

  delete(account: SimulatedAccount): void {
    this.#stopDelivering([account]);
    this.#byProvider[account.provider].delete(account.id);
  }

  clear(): void {
    this.#stopDelivering(this.list());
    this.#byProvider.greenhouse.clear();
    this.#byProvider.lever.clear();
    this.#made = { greenhouse: 0, lever: 0 };
  }

  /** Stops all that goes on by itself; for good. */
  async close(): Promise<void> {
    await Promise.all(this.list().map(({ webhooks }) => webhooks.outbox.close()));
  }

  /** Nothing waits for it: what is under way is broken off, and an attempt never throws. */
  #stopDelivering(accounts: readonly SimulatedAccount[]): void {
    for (const { webhooks } of accounts) void webhooks.outbox.close();
  }

  #again(account: SimulatedAccount, at: number, change: ChangeRequest): void {
    try {
      this.#clock.during(at, () => account.change(change));
    } catch (error) {
      // It was built on something that an app had written, and writes of apps are not kept.
      const reason = error instanceof Error ? error.message : 'it was refused';
      console.warn(`A change to ${account.id} could not be made again: ${reason}`);
    }
  }

  #simulatorOf(provider: ProviderId): Simulator {
    const simulator = this.#simulators.find((candidate) => candidate.provider === provider);
    if (simulator === undefined) throw new Error(`There is no simulator of ${VENDOR_NAMES[provider]} here.`);
    return simulator;
  }
}
