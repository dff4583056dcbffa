import { Router } from 'express';
import { linkIsGood } from './signed-links.js';
import { pdf } from './pdf.js';
import { GreenhouseAccount } from '../greenhouse-account.js';
import type { SandboxClock } from '../../server/sandbox-clock.js';
import type { SimulatedAccount } from '../../simulator.js';

/** What attachment links point to; the link itself is all the permission there is. */
export function filesRouter(accounts: ReadonlyMap<string, SimulatedAccount>, clock: SandboxClock): Router {
  const router = Router();
  router.get('/:account/:file/:name', (request, response) => {
    const account = accounts.get(request.params.account);
    const { expires, signature } = request.query;
    const fileId = Number(request.params.file);
    if (!(account instanceof GreenhouseAccount) || typeof expires !== 'string' || typeof signature !== 'string') {
      response.status(403).type('application/xml').send('<Error><Code>AccessDenied</Code></Error>');
      return;
    }
    if (!linkIsGood(account, fileId, expires, signature, clock.now().getTime())) {
      response.status(403).type('application/xml').send('<Error><Code>AccessDenied</Code></Error>');
      return;
    }
    const file = account.store.attachments.byId(fileId);
    if (file === undefined) {
      response.status(404).type('application/xml').send('<Error><Code>NoSuchKey</Code></Error>');
      return;
    }
    const body = pdf(`Synthetic ${file.type} ${file.id}, ${file.filename}`);
    response.set('Content-Type', 'application/pdf').set('Content-Length', String(body.length)).end(body);
  });
  return router;
}
