import { createHash } from 'node:crypto';
import { tally } from './account-counts.js';
import { RateWindow } from './api/rate-window.js';
import { ApplicationActions } from './changes/application-actions.js';
import { changeAccount } from './changes/change-account.js';
import { ChangeLog } from './changes/change-log.js';
import type { Actions } from './changes/operations.js';
import { JobActions } from './changes/job-actions.js';
import { RecordActions } from './changes/record-actions.js';
import { makeFrame } from './data/frame.js';
import { idOf } from './data/ids.js';
import type { AttachmentRow, CandidateRow } from './data/rows.js';
import { signedLink } from './files/signed-links.js';
import { DEFAULT_KNOBS, mergeKnobs, type GreenhouseKnobs } from './knobs.js';
import { GreenhouseStore } from './store/greenhouse-store.js';
import { neutralRecords } from './neutral-records.js';
import { happenings } from './webhooks/event-payloads.js';
import { GreenhouseWebhooks } from './webhooks/greenhouse-webhooks.js';
import { FaultPlan } from '../faults/fault-plan.js';
import type { Clock } from '../server/sandbox-clock.js';
import { WriteLedger } from '../writes/write-ledger.js';
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

const HOUR_MS = 3_600_000;

/** One customer's Greenhouse. */
export class GreenhouseAccount implements SimulatedAccount {
  readonly id: string;
  readonly provider = 'greenhouse';
  readonly options: AccountOptions;
  readonly faults = new FaultPlan();
  readonly store: GreenhouseStore;
  readonly log = new ChangeLog();
  /** All that can happen to the records, whether a person or the API does it. */
  readonly actions: Actions;
  readonly rateWindow = new RateWindow();
  /** Signs cursors and links. */
  readonly secret: string;
  readonly webhooks: GreenhouseWebhooks;
  readonly writes: WriteLedger;
  /** Scheme and host under which the account was last asked for something, for the links in webhooks. */
  origin = 'http://localhost';
  readonly #clock: Clock;
  #knobs: GreenhouseKnobs;
  readonly #requests = { total: 0, byRoute: new Map<string, number>(), status429: 0 };
  #tally: { readonly version: number; readonly result: ReturnType<typeof tally> } | undefined;

  constructor(id: string, options: AccountOptions, clock: Clock) {
    this.id = id;
    this.options = options;
    this.#clock = clock;
    this.#knobs = mergeKnobs(DEFAULT_KNOBS, options.knobs ?? {});
    const { baseDate } = this.#knobs;
    const baseMs = baseDate === null ? Math.floor(clock.now().getTime() / HOUR_MS) * HOUR_MS : Date.parse(baseDate);
    this.store = new GreenhouseStore(makeFrame(options.seed, options.candidates, baseMs));
    const own: Clock = { now: () => new Date(this.nowMs()) };
    const applications = new ApplicationActions(this.store, own, this.log);
    this.actions = {
      applications,
      records: new RecordActions(this.store, own, this.log, applications),
      jobs: new JobActions(this.store, own, this.log, applications),
    };
    const setting = { seed: options.seed, nowMs: () => this.nowMs(), knobs: () => this.#knobs.webhooks };
    this.webhooks = new GreenhouseWebhooks(setting, () => clock.now().getTime());
    this.writes = new WriteLedger(() => this.nowMs());
    this.log.onAppend((entry) => {
      if (this.webhooks.rows().length === 0) return;
      const linkOf = (file: AttachmentRow): string => signedLink(this, file, this.origin, this.nowMs());
      for (const happening of happenings(this.store, entry, linkOf)) this.webhooks.tell(happening);
    });
    this.secret = createHash('sha256').update(`greenhouse ${id} ${options.seed}`).digest('hex');
  }

  /** By the vendor's clock, which may go wrong. */
  nowMs(): number {
    return this.#clock.now().getTime() + this.#knobs.clockSkewMs;
  }

  users(): readonly SandboxUser[] {
    return this.store.users
      .all()
      .filter((user) => !user.deactivated)
      .map((user) => ({
        id: String(user.id),
        name: user.name ?? '',
        email: user.primary_email,
        admin: user.site_admin,
      }));
  }

  counts(): AccountCounts {
    return this.#count().counts;
  }

  visible(): VisibleCounts {
    return this.#count().visible;
  }

  requests(): RequestCounts {
    return { ...this.#requests, byRoute: Object.fromEntries(this.#requests.byRoute) };
  }

  countRequest(route: string): void {
    this.#requests.total += 1;
    this.#requests.byRoute.set(route, (this.#requests.byRoute.get(route) ?? 0) + 1);
  }

  countRefusal(): void {
    this.#requests.status429 += 1;
  }

  records(kind: SandboxRecordKind, offset: number, limit: number): readonly Readonly<Record<string, unknown>>[] {
    return neutralRecords(this.store, kind, offset, limit);
  }

  change(request: ChangeRequest): {
    readonly made: Readonly<Record<string, number>>;
    readonly operations: readonly AppliedChange[];
  } {
    return changeAccount(this.store, this.actions, request, this.options.seed + this.log.length);
  }

  knobs(): Readonly<Record<string, unknown>> {
    return this.#knobs;
  }

  greenhouseKnobs(): GreenhouseKnobs {
    return this.#knobs;
  }

  setKnobs(knobs: Readonly<Record<string, unknown>>): void {
    const merged = mergeKnobs(this.#knobs, knobs);
    if (merged.baseDate !== this.#knobs.baseDate) throw new Error('The baseDate of an account is set when it is made.');
    this.#knobs = merged;
  }

  /** Generated addresses hold the position of their owner; those of changed and new people are looked through. */
  candidatesWithEmail(email: string): readonly CandidateRow[] {
    const { candidates } = this.store;
    const wanted = email.toLowerCase();
    const generated = Number(/^candidate\.\d+\.(\d+)@/.exec(wanted)?.[1] ?? -1);
    const rows = [candidates.byId(idOf('candidates', generated)), ...candidates.changedRows()];
    return rows.flatMap((row) => {
      return row?.email_addresses.some(({ value }) => value.toLowerCase() === wanted) === true ? [row] : [];
    });
  }

  #count(): ReturnType<typeof tally> {
    const { version } = this.store;
    if (this.#tally?.version !== version) this.#tally = { version, result: tally(this.store) };
    return this.#tally.result;
  }
}
