export interface RoutedRequest {
  readonly headers: Readonly<Record<string, unknown>>;
  /** As it was asked for. */
  readonly originalUrl: string;
  /** Express: what the whole app is mounted below. */
  readonly baseUrl?: string;
  /** Express: the route that answers, as the host declared it. */
  readonly route?: { readonly path?: unknown };
  /** Fastify: likewise. */
  readonly routeOptions?: { readonly url?: unknown };
}

/**
 * Our callback route below the host's public address, told from the route that was just asked: prefix and mount path are
 * the host's affair. The request itself has no say in it: an address has many spellings, and the ATS takes one.
 */
export function callbackPathOf(request: RoutedRequest): string {
  const declared = request.route?.path ?? request.routeOptions?.url;
  const path =
    typeof declared === 'string' ? `${request.baseUrl ?? ''}${declared}` : (request.originalUrl.split('?')[0] ?? '');
  const mount = path.slice(0, path.lastIndexOf('/connections'));
  return `${mount}/oauth/callback`.replace(/^\//, '');
}
