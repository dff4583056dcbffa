import { Buffer } from 'node:buffer';
import express, { type Request } from 'express';
import { FaultPlan } from '../faults/fault-plan.js';
import { WriteLedger } from '../writes/write-ledger.js';
import { fakeWebhooks } from './fake-webhooks.js';
import type { GrantedAccess, ProviderId, SandboxUser, SimulatedAccount, Simulator } from '../simulator.js';

const USERS: readonly SandboxUser[] = [
  { id: '11', name: 'Una Member', email: 'una@example.com', admin: false },
  { id: '12', name: 'Ada <Admin>', email: 'ada@example.com', admin: true },
];
const SCOPES: Readonly<Record<ProviderId, Readonly<Record<string, string>>>> = {
  greenhouse: { 'harvest:jobs:list': 'List jobs', 'harvest:candidates:list': 'List candidates' },
  lever: { offline_access: 'Stay connected', 'postings:read:admin': 'Read postings' },
};
const COUNTS = { jobs: 2, openJobs: 1, stages: 3, candidates: 4, applications: 5, resumes: 6 };

/** The least that a vendor can be: `/whoami`, pages at `/rows`, `/file`, and links at `/<account>/file`. */
export function fakeSimulator(provider: ProviderId): Simulator {
  return {
    provider,
    scopes: SCOPES[provider],
    createAccount(id, options, clock) {
      const knobs: Record<string, unknown> = {
        limit: 75,
        ...(provider === 'greenhouse' ? { tokenExpiryShape: 'expires_at' } : { refreshGraceSeconds: 0 }),
        ...options.knobs,
      };
      let requests = 0;
      const account: SimulatedAccount & { count: () => void } = {
        id,
        provider,
        options,
        faults: new FaultPlan(),
        webhooks: fakeWebhooks(clock),
        writes: new WriteLedger(() => clock.now().getTime()),
        users: () => USERS,
        counts: () => COUNTS,
        visible: () => ({ ...COUNTS, inScope: { candidates: 1, applications: 1, resumes: 1 }, withoutJob: 0 }),
        requests: () => ({ total: requests, byRoute: {}, status429: 0 }),
        count: () => (requests += 1),
        records: (kind, offset, limit) => Array.from({ length: limit }, (_, index) => ({ kind, id: offset + index })),
        change: (request) => {
          if (request.hires === 13) throw new Error('Nobody hires thirteen.');
          return { made: { moves: request.moves ?? 0 }, operations: [] };
        },
        knobs: () => knobs,
        setKnobs: (changes) => {
          for (const name of Object.keys(changes)) {
            if (!(name in knobs)) throw new Error(`There is no knob "${name}".`);
          }
          Object.assign(knobs, changes);
        },
      };
      return account;
    },
    api(accounts, tokens) {
      const router = express.Router();
      const accessOf = (request: Request): GrantedAccess | undefined => {
        const [scheme, credentials = ''] = (request.get('authorization') ?? '').split(' ');
        if (scheme === 'Bearer') return tokens.bearer(credentials);
        return tokens.apiKey(Buffer.from(credentials, 'base64').toString().replace(/:$/, ''));
      };
      router.use((request, response, next) => {
        const account = accounts.get(accessOf(request)?.accountId ?? '');
        if (account === undefined) return response.status(401).json({ message: 'Invalid' });
        (account as unknown as { count: () => void }).count();
        next();
      });
      router.get('/whoami', (request, response) => response.json(accessOf(request)));
      router.post('/things/:id', express.json(), (request, response) => {
        const { accountId, userId, clientId } = accessOf(request) ?? { accountId: '', userId: null, clientId: null };
        const write = {
          route: 'POST /things/:id',
          record: String(request.params['id']),
          value: request.body as unknown,
        };
        accounts.get(accountId)?.writes.record({ ...write, performer: userId, clientId });
        response.status(201).json({ made: true });
      });
      router.get('/rows', (request, response) => {
        const page = Number(request.query['page'] ?? 1);
        response.set('Link', `<http://x/rows?page=${page + 1}>; rel="next"`);
        response.json([{ id: page, inner: { list: [{}] } }]);
      });
      router.get('/file', (_request, response) => response.type('application/pdf').send(Buffer.from('%PDF')));
      router.get('/fault', (_request, response) => response.json(response.locals['fault'] ?? null));
      return router;
    },
    files() {
      const router = express.Router();
      router.get('/:account/file', (_request, response) => response.type('application/pdf').send(Buffer.from('%PDF')));
      return router;
    },
  };
}
