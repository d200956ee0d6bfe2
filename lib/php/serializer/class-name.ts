import { latin1Of, type PhpText } from './php-text.js';

/** Reports whether PHP could have a class with this name (zend_is_valid_class_name). It cannot begin with a backslash. */
export const isClassName = (name: PhpText): boolean => CLASS_NAME.test(latin1Of(name));

/** Reports whether this is the name of an enum, a colon and the name of a case, such as `Suit:Hearts`. */
export const isEnumName = (name: PhpText): boolean => ENUM_NAME.test(latin1Of(name));

const CLASS_NAME = /^(?!\\)[0-9A-Z_a-z\\\x80-\xff]+$/;
const ENUM_NAME = /^(?!\\)[0-9A-Z_a-z\\\x80-\xff]+:[^]+$/;
