import type { StreamSpec } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { FaultCode } from '../contract/fault.js';
import type { ProviderPage } from '../contract/page.js';
import type { RecordKind } from '../contract/records.js';
import type { RunningSync } from './running-sync.js';
import type { TargetedOutcome, TargetedPlan } from './targeted-plan.js';

/** Faults of the connection rather than of what was asked: a run of its own fails or waits as every run does. */
const OF_THE_CONNECTION: readonly FaultCode[] = ['auth-revoked', 'rate-limited', 'unavailable'];

/** One round of reading what was named: who came, who did not, what could not be asked. */
export class TargetedReading {
  readonly #asked = new Map<RecordKind, Set<string>>();
  readonly #came = new Map<RecordKind, Set<string>>();
  readonly #failed = new Set<RecordKind>();
  readonly #unreadable = new Set<RecordKind>();

  constructor(readonly sync: RunningSync) {}

  asked(kind: RecordKind, ids: readonly string[]): void {
    this.#asked.set(kind, new Set(ids));
  }

  cannotRead(kind: RecordKind): void {
    this.#unreadable.add(kind);
  }

  hasFailed(kind: RecordKind): boolean {
    return this.#failed.has(kind);
  }

  /** The stream, with everybody on its pages noted: a row that is set aside is there all the same. */
  noting(stream: StreamSpec<unknown>): StreamSpec<unknown> {
    return {
      ...stream,
      pages: (context, request, cursor) => this.#noted(stream.pages(context, request, cursor)),
    };
  }

  /**
   * A fault is no reason to stop the lists beside which this goes on: what was named is asked for again later. Of a run
   * that does nothing else it is the end when the ATS gives nothing to anybody now.
   */
  async trying(kind: RecordKind, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProviderFault) || this.sync.session.context.signal.aborted) throw error;
      if (error.code === 'auth-revoked') throw error;
      if (this.sync.run.kind === 'targeted' && OF_THE_CONNECTION.includes(error.code)) throw error;
      this.#failed.add(kind);
    }
  }

  outcome({ wanted }: TargetedPlan): TargetedOutcome {
    const missing = new Map<RecordKind, Set<string>>();
    for (const [kind, ids] of this.#asked) {
      if (this.#failed.has(kind)) continue;
      const came = this.#came.get(kind);
      missing.set(kind, new Set([...ids].filter((id) => wanted.get(kind)?.has(id) === true && came?.has(id) !== true)));
    }
    return { missing, failed: this.#failed, unreadable: this.#unreadable };
  }

  async *#noted(pages: AsyncIterable<ProviderPage>): AsyncGenerator<ProviderPage> {
    for await (const page of pages) {
      for (const { kind, remoteId } of [...page.records, ...page.rejected, ...page.withheld]) {
        if (remoteId !== null) this.#came.set(kind, (this.#came.get(kind) ?? new Set()).add(remoteId));
      }
      yield page;
    }
  }
}
