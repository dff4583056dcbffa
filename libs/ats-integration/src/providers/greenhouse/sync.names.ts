import { namedSchema } from './api.schemas.js';
import type { GreenhouseContext, HarvestList } from './paging.js';
import { fetchAllIfAllowed } from './paging.js';

/** Names by id from a short list of the account's (departments, offices, sources). */
export async function namesOf(context: GreenhouseContext, list: HarvestList): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const row of await fetchAllIfAllowed(context, [list])) {
    const parsed = namedSchema.safeParse(row);
    if (parsed.success && parsed.data.name !== null) names.set(parsed.data.id, parsed.data.name);
  }
  return names;
}
