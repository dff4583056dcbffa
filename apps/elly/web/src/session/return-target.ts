export const START_PAGE = '/settings/integrations';

/** Where to go after the sign-in: a page of ours, whatever the address says. */
export function returnTarget(to: string | null): string {
  if (to === null || !to.startsWith('/')) return START_PAGE;
  const url = new URL(to, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : START_PAGE;
}
