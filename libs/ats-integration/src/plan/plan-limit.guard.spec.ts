import { MikroOrmModule } from '@mikro-orm/nestjs';
import type { MikroOrmModuleSyncOptions } from '@mikro-orm/nestjs';
import { Controller, Logger, Module, Post, UseFilters } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AtsIntegrationModule } from '../ats-integration.module.js';
import { ProblemDetailsFilter } from '../rest/problem-details.filter.js';
import { startAtsDatabase } from '../testing-support/ats-database.js';
import type { AtsDatabase } from '../testing-support/ats-database.js';
import type { PlanLimit } from './plan-limits.port.js';
import { RequiresConnectionSlot } from './requires-connection-slot.decorator.js';

@Controller('wizard')
@UseFilters(ProblemDetailsFilter)
class WizardController {
  @Post()
  @RequiresConnectionSlot()
  begin(): object {
    return { begun: true };
  }
}

@Module({ controllers: [WizardController] })
class WizardModule {}

/** A host that does not mount the library's routes and has one of its own. */
describe('@RequiresConnectionSlot on a route of the host', () => {
  let database: AtsDatabase;
  let app: INestApplication;
  let limit: PlanLimit;

  beforeAll(async () => {
    database = await startAtsDatabase();
    Logger.overrideLogger(false);
    @Module({
      imports: [
        MikroOrmModule.forRoot({ ...database.options, registerRequestContext: false } as MikroOrmModuleSyncOptions),
        AtsIntegrationModule.forRoot({
          publicUrl: 'http://localhost:3000',
          encryptionKeys: [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }],
          allowInsecureHosts: true,
          sync: { schedule: false },
          ports: { planLimits: { useValue: { of: () => Promise.resolve(limit) } } },
        }),
        WizardModule,
      ],
    })
    class HostModule {}
    app = await NestFactory.create(HostModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    for (const [workspaceId, status] of [
      ['acme', 'active'],
      ['acme', 'reconnect_required'],
      ['acme', 'suspended'],
      ['acme', 'disconnected'],
      ['globex', 'active'],
    ]) {
      await database.rows(
        `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, created_by, created_at)
         values (gen_random_uuid(), $1, 'p', $2, case when $2 = 'disconnected' then null else 'sealed' end, 'u', now())`,
        [workspaceId, status],
      );
    }
  });
  afterAll(async () => {
    await app.close();
    await database.stop();
  });

  const begin = async (headers: Record<string, string> = { 'x-workspace-id': 'acme', 'x-user-id': 'ann' }) => {
    const answer = await fetch(`${await app.getUrl()}/wizard`, { method: 'POST', headers });
    return { status: answer.status, body: await answer.json() };
  };

  it.each([
    [{ plan: 'Starter', connections: 1 }, 403],
    [{ plan: 'Pair', connections: 2 }, 403],
    [{ plan: 'Trio', connections: 3 }, 201],
    [{ plan: 'Enterprise', connections: 'unlimited' }, 201],
  ] as const)('counts what syncs and what waits for a sign-in: %j answers %i', async (given, status) => {
    limit = given;
    expect((await begin()).status).toBe(status);
  });

  it('advises the plan that the host names (RFC 9457)', async () => {
    limit = { plan: 'Pair', connections: 2, upgradeTo: 'Unlimited' };
    expect((await begin()).body).toMatchObject({
      type: 'urn:elly:ats:plan-limit-reached',
      detail: expect.stringContaining('Disconnect one of them, or upgrade to Unlimited to connect several ATSs.'),
      plan: 'Pair',
      limit: 2,
      inUse: 2,
    });
  });

  it('asks the host whose request it is, and lets nobody through who is nobody (ASVS 8.3.1)', async () => {
    limit = { plan: 'Enterprise', connections: 'unlimited' };
    expect((await begin({})).status).toBe(401);
  });
});
