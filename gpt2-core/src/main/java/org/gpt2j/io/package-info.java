/** Files that appear whole or not at all, and JSON as the Hugging Face libraries write it. */
package org.gpt2j.io;
