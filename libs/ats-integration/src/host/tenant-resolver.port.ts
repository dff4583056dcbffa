export interface Tenant {
  readonly workspaceId: string;
  readonly userId: string;
}

/** Whose request is this? Called for every request to the library's routes, after the host's guards. */
export interface TenantResolver {
  /** @throws an HTTP exception of the host's (401, 403) when the request belongs to nobody. */
  resolve(request: { readonly headers: Readonly<Record<string, unknown>> }): Promise<Tenant>;
}
export const TenantResolver = Symbol('TenantResolver');
