import type { Details, Run } from './elly-client.js';

/** What was left out, by reason. Rows that have no id in the ATS's answer (private people) are known to the run alone. */
export function skippedByReason(details: Details, run: Run): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { reason, count } of details.skipped) sum[reason] = (sum[reason] ?? 0) + count;
  for (const counts of Object.values(run.counts)) {
    for (const [reason, count] of Object.entries(counts.skipped))
      if (!details.skipped.some((entry) => entry.reason === reason)) sum[reason] = (sum[reason] ?? 0) + count;
  }
  return sum;
}
