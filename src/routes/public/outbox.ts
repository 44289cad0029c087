/** The outbox of development: mails that were written without an SMTP server. Never mounted in production. */
import express, { type Request, type Router } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { listOutbox, readOutboxBytes, readOutboxMail } from '../../mail/outbox.js';
import { outboxFolderOf } from '../../mail/transport.js';
import { paths, patterns } from '../../paths.js';
import { wordsFor } from '../../views/words.js';
import { frameOf } from './frame.js';
import { localeOf } from './link.js';

export function outboxRoutes(deps: Deps): Router {
  const router = express.Router();
  const folder = outboxFolderOf(deps.config);
  const mailOf = async ({ params }: Request<{ id: string }>) => {
    const mail = await readOutboxMail(folder, params.id);
    const raw = await readOutboxBytes(folder, params.id);
    if (!mail || !raw) throw new DomainError('INVALID_TOKEN');
    return { mail, source: raw.toString('utf8') };
  };

  router.get(patterns.outbox, async (request, response) => {
    const words = wordsFor(localeOf(request));
    const mails = await listOutbox(folder);
    const page = deps.views.page('outbox', {
      ...frameOf({ words }, words.t('outboxTitle'), paths.outbox()),
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
    const { mail, source } = await mailOf(request);
    const words = wordsFor(localeOf(request));
    const page = deps.views.page('outbox-mail', {
      ...frameOf({ words }, mail.subject, paths.outboxMail(mail.id)),
      outboxUrl: paths.outbox(),
      htmlUrl: paths.outboxHtml(mail.id),
      sourceUrl: paths.outboxSource(mail.id),
      headers: headersOf(source),
      text: mail.text,
    });
    // The mail is shown in a frame, and only this portal may embed it.
    response.set(
      'Content-Security-Policy',
      `${String(response.get('Content-Security-Policy'))};frame-src 'self'`,
    );
    response.send(page);
  });

  router.get(patterns.outboxHtml, async (request, response) => {
    const { mail } = await mailOf(request);
    // Mails need inline styles, which the policy of the pages would block. This policy allows them, but no scripts and nothing from elsewhere.
    response.set(
      'Content-Security-Policy',
      "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    );
    response.set('X-Frame-Options', 'SAMEORIGIN');
    response.send(mail.html.replace('<head>', '<head>\n<base target="_top">'));
  });

  router.get(patterns.outboxSource, async (request, response) => {
    response.type('text/plain').send((await mailOf(request)).source);
  });
  return router;
}

/** The lines before the first empty line, unfolded (RFC 5322, section 2.2.3). */
function headersOf(source: string): string {
  const [head = ''] = source.split(/\r?\n\r?\n/, 1);
  return head.replaceAll(/\r?\n[ \t]+/g, ' ');
}
