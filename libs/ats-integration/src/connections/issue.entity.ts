import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'AtsIssue',
  tableName: 'issues',
  schema: 'ats',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.uuid(),
    code: p.text(),
    subject: p.text(),
    message: p.text(),
    raisedAt: p.datetime(),
    resolvedAt: p.datetime().nullable(),
  },
});

/** Something that an admin should look at, with what to do; open until it is resolved. */
export class Issue extends schema.class {}
schema.setClass(Issue);
