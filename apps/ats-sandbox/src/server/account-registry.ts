import type { ProviderId, SimulatedAccount, Simulator } from '../simulator.js';
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
    const simulator = this.#simulators.find((candidate) => candidate.provider === provider);
    if (simulator === undefined) throw new Error(`There is no simulator of ${VENDOR_NAMES[provider]} here.`);
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
    return account;
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
    this.#byProvider[account.provider].delete(account.id);
  }

  clear(): void {
    this.#byProvider.greenhouse.clear();
    this.#byProvider.lever.clear();
    this.#made = { greenhouse: 0, lever: 0 };
  }
}
