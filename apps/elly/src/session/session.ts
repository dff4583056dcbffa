import type { Role } from './user.entity.js';

/** Who is asking. */
export interface Session {
  readonly userId: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** What a session is read from; Express's request is one. */
export interface SessionRequest {
  readonly headers: Readonly<Record<string, unknown>>;
}
