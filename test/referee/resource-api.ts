import type { IncomingMessage, ServerResponse } from 'node:http';

const PAGE = 20;
export const JOBS = 3;
export const CANDIDATES = 60;
const SIZES: Readonly<Record<string, number>> = { jobs: JOBS, candidates: CANDIDATES };

export interface ResourceApiOptions {
  /** Introspects an access token (RFC 7662) at the authorization server: whose it is, or null when it is not active. */
  readonly owner: (token: string) => Promise<string | null>;
  /** After a request was answered. */
  readonly answered: (path: string) => Promise<void>;
}

/** The ATS's API: lists of ids, rows by id, and who the token belongs to. It believes the authorization server alone. */
export class ResourceApi {
  /** Answered requests by status. */
  readonly answers: Record<number, number> = {};

  constructor(private readonly options: ResourceApiOptions) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://referee');
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const owner = await this.options.owner(token);
    const body = owner === null ? undefined : answerOf(url, owner);
    const status = owner === null ? 401 : body === undefined ? 404 : 200;
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    await this.options.answered(url.pathname);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  }
}

function answerOf(url: URL, owner: string): object | undefined {
  const [, , list = '', id] = url.pathname.split('/');
  if (list === 'me') return { account: owner };
  const size = SIZES[list];
  if (size === undefined) return undefined;
  if (id !== undefined) return { id: Number(id), name: `${list} ${id} of ${owner}` };
  const page = Number(url.searchParams.get('page'));
  const first = (page - 1) * PAGE + 1;
  const ids = Array.from({ length: Math.max(0, Math.min(PAGE, size - first + 1)) }, (_, index) => first + index);
  return { ids, next: first + PAGE <= size ? page + 1 : null };
}
