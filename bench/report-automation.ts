/** The figures of automation, as JSON and as a page. */
import type { WorkflowFigures } from './workflows.js';

export interface AutomationFigures {
  workflows: WorkflowFigures;
}

export function automationAsJson({ workflows }: AutomationFigures): object {
  const { steps, enrolments } = workflows;
  return {
    ...{ workflowSteps: steps.ratio, workflowStepsASecond: steps.portal },
    ...{ workflowEnrolments: enrolments.ratio, workflowEnrolmentsASecond: enrolments.portal },
  };
}

export const automationMeasuredAgainst = {
  workflowSteps:
    'steps a second of workflows of five steps beside the same writes of contacts, subscribers and enrolments by the bare driver, in turns; goal 0.6',
  workflowStepsASecond: 'steps a second',
  workflowEnrolments:
    'enrolments a second of contacts that meet a trigger at its start, beside the same writes by the bare driver, in turns; goal 0.6',
  workflowEnrolmentsASecond: 'enrolments a second',
} as const;

export function automationAsPage({ workflows }: AutomationFigures): string {
  const { steps, enrolments, contacts, stepsOfEach } = workflows;
  const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const beside = ({ portal, bare, ratio }: WorkflowFigures['steps']) =>
    `${whole(portal)} beside ${whole(bare)}: ${ratio.toFixed(2)}`;
  return `
## Automation

${row('', 'measured', 'goal')}
${row('---', '---:', '---:')}
${row('Steps of workflows a second, beside the bare driver', beside(steps), '0.60')}
${row('Enrolments a second, beside the bare driver', beside(enrolments), '0.60')}

In each round ${whole(contacts)} contacts pass ${stepsOfEach} steps: an opt-out, an opt-in, two properties and a list. The bare driver makes the same writes in another database,
without the reads and decisions.
`;
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString('en');
}
