import { latin1Of, type PhpText } from './php-text.js';

/** Whether PHP could have a class of this name (zend_is_valid_class_name, and no `\` in front). */
export const isClassName = (name: PhpText): boolean => CLASS_NAME.test(latin1Of(name));

/** Whether it is the name of an enum, a colon and more. */
export const isEnumName = (name: PhpText): boolean => ENUM_NAME.test(latin1Of(name));

const CLASS_NAME = /^(?!\\)[0-9A-Z_a-z\\\x80-\xff]+$/;
const ENUM_NAME = /^(?!\\)[0-9A-Z_a-z\\\x80-\xff]+:[^]+$/;
