/** Everything that is kept about a person, for a person who asks: a page, and the file that the contact's own page gives. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { myData } from '../../../domain/contacts/my-data.js';
import { channelNames, statusNames } from '../../../vocabulary/words.js';
import { effectiveStatus } from '../../../domain/consent/effective.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { sendText } from '../../send-text.js';
import { actView } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import type { StaffRoute } from '../route.js';
import { noteAct } from './act.js';
import { aboutRecord } from './act-page.js';
import { ownProperties } from './all-properties.js';
import { openForAll, typesOf, type ChannelRecord, type OpenedRecord } from './open-record.js';

const rule = { path: adminPatterns.contactData, may: 'contacts.read', about: 'contact' } as const;

export function personDataRoutes(deps: Deps): StaffRoute[] {
  return [
    {
      ...rule,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openForAll(deps, ask);
        const { id, name } = record;
        const download = actView(adminPaths.contactData(id), 'Download as a file (JSON)');
        const panels: Panel[] = [
          {
            sentences: ['The file also has every event of the history, and the mails of the last 90 days.'],
            form: download,
            link: { href: adminPaths.contactHistory(id), text: 'History' },
          },
          {
            heading: 'Properties',
            facts: ownProperties(record).map((one) => ({ term: one.name, text: one.value })),
          },
          ...record.channels.map((one) => addressPanel(record, one)),
        ];
        const { crumbs } = aboutRecord(record);
        const title = `All data of ${name}`;
        response.send(
          pageHtml(deps, ask, { section: 'contacts' }, { title, crumbs, isNarrow: true, panels }),
        );
      },
    },
    {
      // A form and not a link: the download is audited, and a GET writes nothing.
      ...rule,
      method: 'POST',
      handle: async (ask, response) => {
        const record = await openForAll(deps, ask);
        await noteAct(deps, ask, record, 'EXPORTED', { detail: 'all data of the person' });
        response.attachment('person.json').type('json');
        await sendText(response, myData(deps, { id: record.id }));
      },
    },
  ];
}

/** The statuses of one address. */
function addressPanel(record: OpenedRecord, one: ChannelRecord): Panel {
  const { catalogue } = record;
  const types = typesOf(record, one);
  return {
    heading: `${channelNames[one.channel]}: ${one.address}`,
    ...(types.length === 0 ? { sentences: ['There is no subscription type for this channel.'] } : {}),
    facts: types.map((type) => ({
      term: `${type.name}, ${catalogue.units.get(type.unitId)?.name ?? ''}`,
      text: statusNames[effectiveStatus(one.subscriber, type).status],
    })),
  };
}
