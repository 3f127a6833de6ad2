/** A page and an HTTP interface that classify messages, on the JDK's own HttpServer. */
package org.gpt2j.server;
