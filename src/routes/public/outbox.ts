/** The outbox of development: mails that no SMTP server was there to take. Never mounted in production. */
import express from 'express';
import type { Router } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { listOutbox, readOutboxMail } from '../../mail/outbox.js';
import { outboxFolderOf } from '../../mail/transport.js';
import { paths, patterns } from '../../paths.js';
import { wordsFor } from '../../views/words.js';
import { frameOf } from './frame.js';
import { localeOf } from './link.js';

export function outboxRoutes(deps: Deps): Router {
  const router = express.Router();
  const folder = outboxFolderOf(deps.config);

  router.get(patterns.outbox, async (request, response) => {
    const words = wordsFor(localeOf(request));
    const mails = await listOutbox(folder);
    const page = deps.views.page('outbox', {
      ...frameOf({ words }, words.copy['outboxTitle'] ?? '', paths.outbox()),
      mails: mails.map((mail) => ({
        id: mail.id,
        to: mail.to,
        subject: mail.subject,
        when: words.moment(mail.at),
        url: paths.outboxMail(mail.id),
      })),
    });
    response.send(page);
  });

  router.get(patterns.outboxMail, async (request, response) => {
    const mail = await readOutboxMail(folder, request.params.id);
    if (!mail) throw new DomainError('INVALID_TOKEN');
    // A mail has inline styles, as mails must; the policy of the pages would undress it. It runs nothing and loads nothing.
    response.set(
      'Content-Security-Policy',
      "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    response.send(mail.html);
  });
  return router;
}
