import { ProviderFault } from '../contract/fault.js';
import type { ProviderRequest } from '../contract/context.js';

/**
 * The address of a request: below the API's base, or an absolute one that the ATS gave, which must be on the same
 * origin and below the same path, since credentials travel with it.
 * @throws ProviderFault `unexpected-shape` for an address elsewhere.
 */
export function resolveAddress(baseUrl: string, request: ProviderRequest): URL {
  const base = new URL(baseUrl);
  const prefix = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(request.path) || request.path.startsWith('//');
  const url = absolute ? new URL(request.path, base) : new URL(`${prefix}${request.path.replace(/^\//, '')}`, base);
  if (url.origin !== base.origin || !url.pathname.startsWith(prefix) || url.username !== '' || url.password !== '') {
    throw new ProviderFault(
      'unexpected-shape',
      `The ATS pointed to another address (${url.host}) than its API; it was not followed, since credentials would have gone there.`,
    );
  }
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) url.searchParams.append(name, item);
    else url.searchParams.append(name, String(value));
  }
  return url;
}
