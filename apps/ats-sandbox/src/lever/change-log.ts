/** What happened to an account, in the words of its webhooks where there is one. */
export type LogEvent =
  | { readonly type: 'contactCreated' | 'contactUpdated'; readonly contact: number }
  | {
      readonly type: 'applicationCreated' | 'candidateDeleted' | 'candidateHired' | 'opportunityUpdated';
      readonly opportunity: number;
    }
  | { readonly type: 'candidateStageChange'; readonly opportunity: number; readonly from: number; readonly to: number }
  | {
      readonly type: 'candidateArchiveChange';
      readonly opportunity: number;
      readonly from: Archived;
      readonly to: Archived;
    }
  | { readonly type: 'postingCreated' | 'postingUpdated' | 'postingDeleted'; readonly posting: number };

type Archived = { readonly reason: number; readonly at: number } | null;

export type LogEntry = LogEvent & { readonly sequence: number; readonly at: number };
