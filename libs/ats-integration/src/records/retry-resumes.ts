import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';

/** Files that were given up because they could not be had; what was refused for what it is stays refused. */
export async function retryResumes(em: EntityManager, connectionId: string): Promise<void> {
  await execute(
    em,
    `update ats.resumes set file_state = 'pending', file_attempts = 0, file_note = null
     where connection_id = $1 and file_state = 'refused' and file_attempts > 0`,
    [connectionId],
  );
}
