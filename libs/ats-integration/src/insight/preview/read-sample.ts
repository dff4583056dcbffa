import type { StreamRequest, StreamSpec } from '../../contract/ats-provider.js';
import type { ProviderContext } from '../../contract/context.js';
import { ProviderFault } from '../../contract/fault.js';
import type { RejectedRecord, WithheldRecord } from '../../contract/page.js';
import type { ProviderRecord, RecordKind, RecordOf } from '../../contract/records.js';
import { AllowanceSpent } from './allowance-spent.js';
import type { RequestAllowance } from './request-allowance.js';

/** What was read of a list. */
export interface Sample {
  readonly records: readonly ProviderRecord[];
  readonly rejected: readonly RejectedRecord[];
  readonly withheld: readonly WithheldRecord[];
  /** To its end. */
  readonly complete: boolean;
  /** Rows of the whole list, when the ATS says so. */
  readonly total: number | null;
  /** Rows of a page that another one follows: how many fit on one. Null when all fitted on the last. */
  readonly fullPage: number | null;
  /** The ATS refused it to whoever authorised: its sentence. */
  readonly refused: string | null;
}

/** What a preview reads with. */
export interface PreviewReading {
  readonly context: ProviderContext<unknown>;
  readonly allowance: RequestAllowance;
}

/**
 * Reads a list as far as the allowance and the time go. @throws ProviderFault other than a refusal.
 */
export async function readSample(
  { context, allowance }: PreviewReading,
  stream: StreamSpec<unknown>,
  request: StreamRequest,
): Promise<Sample> {
  const records: ProviderRecord[] = [];
  const rejected: RejectedRecord[] = [];
  const withheld: WithheldRecord[] = [];
  let total: number | null = null;
  let fullPage: number | null = null;
  const sampled = (complete: boolean, refused: string | null = null): Sample => ({
    records,
    rejected,
    withheld,
    complete,
    total,
    fullPage,
    refused,
  });
  if (!allowance.isOpen) return sampled(false);
  try {
    for await (const page of stream.pages(context, request, null)) {
      allowance.countPage();
      records.push(...page.records);
      rejected.push(...page.rejected);
      withheld.push(...page.withheld);
      total = page.total ?? total;
      if (page.next === null) return sampled(true);
      fullPage = Math.max(fullPage ?? 0, rowsOf(page.records, stream.kinds[0]) + page.rejected.length);
      if (!allowance.isOpen) return sampled(false);
    }
    return sampled(true);
  } catch (error) {
    if (error instanceof AllowanceSpent || context.signal.aborted) return sampled(false);
    if (error instanceof ProviderFault && error.code === 'forbidden-scope') return sampled(false, error.message);
    throw error;
  }
}

function rowsOf(records: readonly ProviderRecord[], kind: RecordKind): number {
  return records.filter((record) => record.kind === kind).length;
}

export function ofKind<K extends RecordKind>(samples: readonly Sample[], kind: K): RecordOf<K>[] {
  const records = samples.flatMap((sample) => sample.records);
  const found = records.filter((record): record is RecordOf<K> => record.kind === kind);
  return [...new Map(found.map((record) => [record.remoteId, record])).values()];
}
