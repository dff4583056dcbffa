import type { ProviderPage, RejectedRecord } from '../contract/page.js';
import type { ProviderRecord } from '../contract/records.js';

/** Text as Postgres takes it: NUL and lone surrogates, legal in JSON, become the replacement character. */
export function storableText(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}

/**
 * The page with ids and reasons that Postgres can keep. A record is found by its ids, so one whose ids would have to be
 * changed is rejected instead: a single character must not stop the whole page.
 */
export function storablePage(page: ProviderPage): ProviderPage {
  const rejected: RejectedRecord[] = page.rejected.map((row) => ({
    ...row,
    remoteId: row.remoteId === null ? null : storableText(row.remoteId),
    reason: storableText(row.reason),
  }));
  const records: ProviderRecord[] = [];
  for (const record of page.records) {
    const field = ID_FIELDS.find((name) => name in record && isUnstorable(record[name as keyof ProviderRecord]));
    if (field === undefined) records.push(record);
    else {
      const reason = `${field}: holds characters that cannot be stored`;
      rejected.push({ kind: record.kind, remoteId: storableText(record.remoteId), reason });
    }
  }
  const withheld = page.withheld.map((row) => ({
    ...row,
    remoteId: row.remoteId === null ? null : storableText(row.remoteId),
  }));
  return { ...page, records, rejected, withheld };
}

/** By which records are looked up. */
const ID_FIELDS = ['remoteId', 'candidateRemoteId', 'jobRemoteId', 'stageRemoteId', 'applicationRemoteId'] as const;

function isUnstorable(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
}
