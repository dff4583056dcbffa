import { ProviderFault } from '../../contract.js';
import type { LeverArchiveReason } from './api.schemas.js';
import { archiveReasonSchema, archiveReasonsBodySchema } from './api.schemas.js';
import { missingScope } from './faults.js';
import type { ArchiveReasons } from './normalise.js';
import type { LeverContext } from './paging.js';
import { unexpected } from './paging.js';

/** Asked for at the first archived row and once a run: they say which archived opportunity was a hire. */
export function archiveReasonsOnce(context: LeverContext): () => Promise<ArchiveReasons> {
  let reasons: Promise<ArchiveReasons> | null = null;
  return () => (reasons ??= fetchArchiveReasons(context));
}

/** Lever Data API docs, List all archive reasons. */
export async function fetchArchiveReasons({ http, signal }: LeverContext): Promise<ArchiveReasons> {
  const list = { what: 'archive reasons' };
  const reasons = new Map<string, LeverArchiveReason>();
  const visited = new Set<string>();
  for (let offset: string | null = null; ;) {
    signal.throwIfAborted();
    const { body } = await http
      .request({ path: '/archive_reasons', query: { limit: 100, ...(offset === null ? {} : { offset }) } })
      .catch((error: unknown) => {
        const refused = error instanceof ProviderFault && error.code === 'forbidden-scope';
        throw refused ? missingScope(error, list.what, 'archive_reasons:read:admin') : error;
      });
    const parsed = archiveReasonsBodySchema.safeParse(body);
    if (!parsed.success) throw unexpected(list, 'the list itself is missing from the answer');
    for (const row of parsed.data.data) {
      const reason = archiveReasonSchema.safeParse(row);
      if (reason.success) reasons.set(reason.data.id, reason.data);
    }
    offset = parsed.data.hasNext === true ? (parsed.data.next ?? null) : null;
    if (offset === null) return reasons;
    if (visited.size === visited.add(offset).size) throw unexpected(list, 'it would never end');
  }
}
