import { AtsError } from '../support/ats-error.js';
import type { KnownConnection, OtherConnections } from './accounts.js';

const NOTHING_TAKEN = 'Nothing more was connected and no credit was used.';

/**
 * An account is connected to a workspace once. For programs: `connectionId` of the connection in the way.
 * @throws AtsError `already-connected`, `first-import-running`, with the way out.
 */
export function refuseSecond({ twin, untold }: OtherConnections): void {
  if (twin !== null && twin.status !== 'disconnected') throw alreadyConnected(twin);
  if (twin === null && untold !== null) throw notToldYet(untold);
}

/** What to throw for an error of storing an approval. The database is who knows for sure: two sign-ins may end at once. */
export async function toldSecond(error: unknown, look: () => Promise<OtherConnections>): Promise<unknown> {
  const isSecond = error instanceof Error && error.message.includes('connections_one_per_account');
  return isSecond ? alreadyConnected((await look()).twin) : error;
}

/** `connection`: null when it went again meanwhile. */
function alreadyConnected(connection: KnownConnection | null): AtsError {
  return new AtsError(
    'already-connected',
    `This account is connected to this workspace already${standing(connection)} ${NOTHING_TAKEN}`,
    connection === null ? {} : { details: { connectionId: connection.id } },
  );
}

function standing(connection: KnownConnection | null): string {
  switch (connection?.status) {
    case 'reconnect_required':
      return ', but its authorisation has ended: reconnect that connection in Settings → Integrations.';
    case 'suspended':
      return `, but suspended. ${reasonOf(connection)}`;
    default:
      return '.';
  }
}

/** Two connections of one account would import everything twice. */
function notToldYet(connection: KnownConnection): AtsError {
  return new AtsError(
    'first-import-running',
    `Whether this account is connected to this workspace already shows only when the first import of the connection that is there is done. ${wayOut(connection)} ${NOTHING_TAKEN}`,
    { details: { connectionId: connection.id } },
  );
}

function wayOut(connection: KnownConnection): string {
  switch (connection.status) {
    case 'reconnect_required':
      return 'Its authorisation has ended: reconnect it in Settings → Integrations, or disconnect it.';
    case 'suspended':
      return `It is suspended: disconnect it, or let it go on. ${reasonOf(connection)}`;
    default:
      return connection.awaitsStart
        ? 'Its first import waits to be started: start it and try again when it is done, or disconnect it.'
        : 'Its first import is running; try again when it is done.';
  }
}

function reasonOf({ statusReason }: KnownConnection): string {
  return statusReason ?? "The workspace's plan does not cover it. Upgrade the plan, or disconnect another ATS.";
}
