export interface RoutedRequest {
  /** As the browser asked, with the host's global prefix. */
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Our callback route below the host's public address, told from the route that was just asked: prefix and mount path are the host's affair. */
export function callbackPathOf(request: RoutedRequest): string {
  const path = request.originalUrl.split('?')[0] ?? '';
  const mount = path.slice(0, path.lastIndexOf('/connections'));
  return `${mount}/oauth/callback`.replace(/^\//, '');
}
