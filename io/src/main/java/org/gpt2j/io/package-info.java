/**
 * Files of strangers and our own: JSON as the Hugging Face libraries write it, what each of its
 * keys means here, what a file really is, and files that appear whole or not at all.
 */
package org.gpt2j.io;
