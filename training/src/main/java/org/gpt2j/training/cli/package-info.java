/** The command line: `java -jar training.jar COMMAND`. */
package org.gpt2j.training.cli;
