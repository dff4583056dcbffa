import { z } from 'zod';
import type { ResumeCapability } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { attachmentSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { fetchAll } from './paging.js';

const locatorSchema = z.strictObject({ attachment: z.string().min(1), url: z.string().nullable() });

export const resumes: ResumeCapability<GreenhouseConfig> = {
  /** Harvest v3 docs, List attachments: the link ends after seven days, and a new listing holds a new one. It is signed, so it needs no credentials. */
  async locate(context, { locator, expired }) {
    const parsed = locatorSchema.safeParse(locator);
    if (!parsed.success)
      throw new ProviderFault(
        'unexpected-shape',
        'The stored place of a Greenhouse résumé cannot be read. A re-sync finds it again.',
      );
    const { attachment, url } = parsed.data;
    if (!expired && url !== null) return { url, authorised: false };
    const [row] = await fetchAll(context, [{ path: '/attachments', query: { ids: attachment }, what: 'attachments' }]);
    const fresh = attachmentSchema.safeParse(row);
    return fresh.success && fresh.data.url !== null ? { url: fresh.data.url, authorised: false } : null;
  },
};
