/** The figures of automation, as JSON and as a page. */
import type { DashboardFigures } from './dashboard.js';
import type { TriggerFigures } from './trigger.js';
import type { WebhookFigures } from './webhooks.js';
import type { WorkflowFigures } from './workflows.js';

export interface AutomationFigures {
  workflows: WorkflowFigures;
  trigger: TriggerFigures;
  dashboard: DashboardFigures;
  webhooks: WebhookFigures;
}

export function automationAsJson({ workflows, trigger, dashboard, webhooks }: AutomationFigures): object {
  const { steps, enrolments } = workflows;
  return {
    ...{ triggerCost: trigger.cost, triggerCpuCost: trigger.cpuCost },
    ...{ dashboardMs: dashboard.ms.large, dashboardDocs: dashboard.documents.large },
    ...{ workflowSteps: steps.ratio, workflowStepsASecond: steps.portal },
    ...{ workflowEnrolments: enrolments.ratio, workflowEnrolmentsASecond: enrolments.portal },
    ...{ webhooks: webhooks.ratio, webhooksPerSecond: webhooks.portal },
  };
}

export const automationMeasuredAgainst = {
  workflowSteps:
    'steps a second of workflows of five steps beside the same writes of contacts, subscribers and enrolments by the bare driver, in turns; goal 0.6',
  workflowStepsASecond: 'steps a second',
  workflowEnrolments:
    'enrolments a second of contacts that meet a trigger at its start, beside the same writes by the bare driver, in turns; goal 0.6',
  workflowEnrolmentsASecond: 'enrolments a second',
  webhooks:
    'webhooks a second from the feed to a receiver on loopback, by a worker, beside a stripped sender of as many signed calls of the same size that writes each result by the bare driver, in turns',
  webhooksPerSecond: 'webhooks a second, to one endpoint',
  triggerCost:
    'share of time that an active workflow adds to a bulk edit by `sayso worker`, beside the same edit without it, in turns; each contact starts to meet the trigger, or leaves it; goal 0.10',
  triggerCpuCost: 'the same for the CPU of worker and database, until the change feed has nothing left to do',
  dashboardMs: 'milliseconds of the dashboard over half a year, with all events',
  dashboardDocs:
    'documents that the database gives for it; goal: as many as with a thousandth of the events in the same days',
} as const;

export function automationAsPage({ workflows, trigger, dashboard, webhooks }: AutomationFigures): string {
  const { steps, enrolments, contacts, stepsOfEach } = workflows;
  const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const beside = ({ portal, bare, ratio }: Pick<WebhookFigures, 'portal' | 'bare' | 'ratio'>) =>
    `${whole(portal)} beside ${whole(bare)}: ${ratio.toFixed(2)}`;
  return `
## Automation

${row('', 'measured', 'goal')}
${row('---', '---:', '---:')}
${row('Steps of workflows a second, beside the bare driver', beside(steps), '0.60')}
${row('Enrolments a second, beside the bare driver', beside(enrolments), '0.60')}
${row('Webhooks delivered a second, beside a stripped sender', beside(webhooks), '')}
${row('Bulk edit, seconds, with a trigger and without', `${trigger.seconds.with.toFixed(1)} beside ${trigger.seconds.without.toFixed(1)}: ${percent(trigger.cost)} more`, '10 % more')}
${row('CPU of worker and database for it, with the change feed', `${percent(trigger.cpuCost)} more`, '')}
${row(`Dashboard over half a year, documents read with few events and with ${whole(dashboard.events)}`, `${dashboard.documents.small}, ${dashboard.documents.large}`, 'the same')}
${row('Dashboard, ms', `${whole(dashboard.ms.small)}, ${whole(dashboard.ms.large)}`, '')}

In each round ${whole(contacts)} contacts pass ${stepsOfEach} steps: an opt-out, an opt-in, two properties and a list. The bare driver makes the same writes in another database,
without the reads and decisions. For webhooks, ${whole(webhooks.events)} events in the feed are queued and delivered to one endpoint; the stripped sender has its calls
ready, and writes each result.
`;
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString('en');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
