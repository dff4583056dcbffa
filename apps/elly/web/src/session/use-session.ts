import { createContext, useContext } from 'react';
import type { Session } from '../api/elly.js';

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in; only below `SignedIn`. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession is used outside of SignedIn.');
  return session;
}
