import type { ConnectionStatus, ConnectionSummary } from '../api/ats-schemas.js';

interface StatusWords {
  readonly label: string;
  readonly colour: 'green' | 'red' | 'yellow' | 'gray' | 'blue';
  readonly sentence: string;
}

const WORDS: Readonly<Record<ConnectionStatus, (ats: string) => StatusWords>> = {
  authorizing: (ats) => ({
    label: 'Signing in',
    colour: 'blue',
    sentence: `Somebody is signing in to ${ats}. Nothing is synced until that is done.`,
  }),
  active: (ats) => ({
    label: 'Connected',
    colour: 'green',
    sentence: `Elly keeps jobs, candidates and applications in step with ${ats}.`,
  }),
  reconnect_required: (ats) => ({
    label: 'Sign-in needed',
    colour: 'red',
    sentence: `${ats} does not let Elly in any more. Nothing is synced until an admin reconnects; what was imported stays.`,
  }),
  suspended: (ats) => ({
    label: 'Suspended',
    colour: 'yellow',
    sentence: `Your plan allows fewer connections than you have, so ${ats} is not synced. What was imported stays; a larger plan lets it catch up.`,
  }),
  disconnected: (ats) => ({
    label: 'Disconnected',
    colour: 'gray',
    sentence: `Elly's access to ${ats} was given back. What was imported stays; connect again to go on with it.`,
  }),
};

/** A connection's status as a person reads it. */
export function statusWords({
  status,
  providerName,
  awaitsStart,
}: Pick<ConnectionSummary, 'status' | 'providerName' | 'awaitsStart'>): StatusWords {
  if (status === 'active' && awaitsStart) {
    return {
      label: 'Ready to import',
      colour: 'blue',
      sentence: `${providerName} is connected. The first import waits until an admin starts it.`,
    };
  }
  return WORDS[status](providerName);
}
