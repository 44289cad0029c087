/** The operations of imports in one module, which a process loads at the first import. */
export { importJob, isLive, requireImport } from './find.js';
export { chooseContacts } from './choose-contacts.js';
export { contactResults, rejectedRows } from './list-file.js';
export { checkImport, chooseColumn, confirmImport, inspectImport, startImport } from './start.js';
export { undoImport } from './undo.js';
