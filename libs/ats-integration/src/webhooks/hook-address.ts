/** Where the ATS reaches the route of webhooks: public address, the host's global prefix, and where our routes are mounted. */
export class HookAddress {
  constructor(
    private readonly publicUrl: string,
    /** Null: this process has none of our routes. */
    private readonly mount: string | null,
    /** Asked late: the host sets it after our module was built. */
    private readonly globalPrefix: () => string,
  ) {}

  get reachable(): boolean {
    return this.mount !== null;
  }

  of(provider: string, hookId: string): string {
    return `${this.root(provider)}/${hookId}`;
  }

  /** What every hook of the ATS begins with; its id follows after a slash. */
  root(provider: string): string {
    const parts = [this.globalPrefix(), this.mount ?? '', 'webhooks', provider];
    const path = parts.map((part) => part.replace(/^\/+|\/+$/g, '')).filter((part) => part !== '');
    return `${this.publicUrl.replace(/\/+$/, '')}/${path.join('/')}`;
  }
}
