import { FaultPlan } from '../faults/fault-plan.js';
import type { Clock } from '../server/sandbox-clock.js';
import type {
  AccountCounts,
  AccountOptions,
  AppliedChange,
  ChangeRequest,
  RequestCounts,
  SandboxRecordKind,
  SandboxUser,
  SimulatedAccount,
  VisibleCounts,
} from '../simulator.js';
import { applyChanges } from './changes.js';
import { tally } from './counts.js';
import { baseTime, DEFAULT_KNOBS, mergeKnobs, type LeverKnobs } from './knobs.js';
import { LeverState } from './lever-state.js';
import { NeutralRecords } from './neutral-records.js';
import { OpportunityOrder } from './opportunity-order.js';
import { TokenBucket } from './token-bucket.js';
import { Views } from './views.js';
import { happening } from './webhooks/event-data.js';
import { LeverWebhooks } from './webhooks/lever-webhooks.js';
import { WriteLedger } from '../writes/write-ledger.js';

const HOUR = 3_600_000;

/** A customer's Lever account. */
export class LeverAccount implements SimulatedAccount {
  readonly provider = 'lever' as const;
  readonly faults = new FaultPlan();
  readonly id: string;
  readonly options: AccountOptions;
  readonly state: LeverState;
  readonly order: OpportunityOrder;
  readonly views: Views;
  readonly webhooks: LeverWebhooks;
  readonly writes: WriteLedger;
  readonly #neutral: NeutralRecords;
  readonly #bucket = new TokenBucket();
  readonly #byRoute = new Map<string, number>();
  #status429 = 0;
  #knobs: LeverKnobs;
  #counted: { readonly version: number; readonly all: AccountCounts; readonly visible: VisibleCounts } | undefined;

  constructor(id: string, options: AccountOptions, clock: Clock) {
    this.id = id;
    this.options = options;
    this.#knobs = mergeKnobs(DEFAULT_KNOBS, options.knobs ?? {});
    const now = clock.now().getTime();
    const base = this.#knobs.baseDate === undefined ? now - (now % HOUR) : baseTime(this.#knobs.baseDate);
    const nowMs = (): number => clock.now().getTime() + this.#knobs.clockSkewMs;
    this.state = new LeverState(options.seed, options.candidates, base, nowMs);
    const setting = { seed: options.seed, nowMs, knobs: () => this.#knobs };
    this.webhooks = new LeverWebhooks(setting, () => clock.now().getTime());
    this.writes = new WriteLedger(nowMs);
    this.state.onChange((entry) => {
      const told = this.webhooks.any ? happening(this.state, entry) : undefined;
      if (told !== undefined) this.webhooks.tell(told, entry.at);
    });
    this.order = new OpportunityOrder(this.state);
    this.views = new Views(this.state);
    this.#neutral = new NeutralRecords(this.state);
  }

  get settings(): LeverKnobs {
    return this.#knobs;
  }

  users(): readonly SandboxUser[] {
    const active = this.state.users.filter(({ deactivatedAt }) => deactivatedAt === null);
    return active.map(({ id, name, email, accessRole }) => ({ id, name, email, admin: accessRole === 'super admin' }));
  }

  counts(): AccountCounts {
    return this.#count().all;
  }

  visible(): VisibleCounts {
    return this.#count().visible;
  }

  requests(): RequestCounts {
    const byRoute = Object.fromEntries(this.#byRoute);
    const total = Object.values(byRoute).reduce((sum, count) => sum + count, 0);
    return { total, byRoute, status429: this.#status429 };
  }

  records(kind: SandboxRecordKind, offset: number, limit: number): readonly Readonly<Record<string, unknown>>[] {
    return this.#neutral.list(kind, offset, limit);
  }

  change(request: ChangeRequest): {
    readonly made: Readonly<Record<string, number>>;
    readonly operations: readonly AppliedChange[];
  } {
    return applyChanges(this.state, request);
  }

  knobs(): Readonly<Record<string, unknown>> {
    return { ...this.#knobs };
  }

  setKnobs(knobs: Readonly<Record<string, unknown>>): void {
    const merged = mergeKnobs(this.#knobs, knobs);
    if (merged.baseDate !== this.#knobs.baseDate)
      throw new Error('Lever\'s knob "baseDate" can only be given when the account is made.');
    this.#knobs = merged;
  }

  /** Counts a request; false when it is one too many for now. */
  admit(route: string, now: number): boolean {
    this.#byRoute.set(route, (this.#byRoute.get(route) ?? 0) + 1);
    const { rateLimit } = this.#knobs;
    if (rateLimit === 'off' || this.#bucket.take(now, rateLimit)) return true;
    this.#status429 += 1;
    return false;
  }

  #count(): { readonly all: AccountCounts; readonly visible: VisibleCounts } {
    const { version } = this.state;
    if (this.#counted?.version === version) return this.#counted;
    const { jobs, openJobs, stages, candidates, applications, resumes } = tally(this.state, true);
    const all = { jobs, openJobs, stages, candidates, applications, resumes };
    this.#counted = { version, all, visible: tally(this.state, false) };
    return this.#counted;
  }
}
