# Answers Verso's requests inside R (IRkernel): JSON text in, JSON text printed. Needs jsonlite, which IRkernel brings.
#
# R's values as typed values (verso/api/values.py): a vector of length 1 without names is a scalar, a longer one a list,
# with names a map; a data frame is a table; NA is null. R has no integers beyond 32 bits (up to 2^53 they become
# doubles), no decimals, no UUIDs and no times of day: those are refused by name.

.verso <- local({
  plain <- function(type, value) list(t = jsonlite::unbox(type), v = jsonlite::unbox(value))
  many <- function(type, items) list(t = jsonlite::unbox(type), v = unname(items))
  refuse <- function(path, value, why) {
    stop(sprintf("%s of type %s can't travel: %s", if (nzchar(path)) path else "a value", class(value)[1], why), call. = FALSE)
  }
  exact <- function(number) {
    if (is.nan(number)) return("NaN")
    if (is.infinite(number)) return(if (number > 0) "Infinity" else "-Infinity")
    if (number == 0 && 1 / number < 0) return("-0.0")
    for (digits in 15:17) {
      text <- formatC(number, digits = digits, format = "g", width = 1)
      if (as.numeric(text) == number) break
    }
    if (grepl("[.e]", text)) text else paste0(text, ".0")
  }
  base64 <- function(bytes) jsonlite::base64_enc(bytes)
  fraction <- function(seconds) {
    whole <- floor(seconds)
    micros <- round((seconds - whole) * 1e6)
    if (micros >= 1e6) { whole <- whole + 1; micros <- 0 }
    list(whole = whole, text = if (micros > 0) sprintf(".%06d", as.integer(micros)) else "")
  }
  moment <- function(value) {
    zone <- attr(value, "tzone")[1]
    parts <- fraction(unclass(value)[1])
    at <- .POSIXct(parts$whole, tz = zone)
    text <- paste0(format(at, "%Y-%m-%dT%H:%M:%S"), parts$text)
    year <- sub("-.*", "", text)
    text <- paste0(strrep("0", max(0, 4 - nchar(year))), text)
    if (is.null(zone) || is.na(zone) || !nzchar(zone)) return(text)
    paste0(text, sub("(..)$", ":\\1", format(at, "%z")))
  }
  scalar <- function(value, path) {
    if (is.character(value) || is.logical(value) || is.numeric(value)) {
      if (is.na(value) && !is.nan(value)) return(list(t = jsonlite::unbox("null")))
    }
    if (inherits(value, "Date")) {
      if (is.na(value)) return(list(t = jsonlite::unbox("null")))
      text <- format(value, "%Y-%m-%d")
      return(plain("date", paste0(strrep("0", 10 - nchar(text)), text)))
    }
    if (inherits(value, "POSIXct")) return(plain("datetime", moment(value)))
    if (inherits(value, "difftime")) {
      seconds <- as.numeric(value, units = "secs")
      parts <- fraction(abs(seconds))
      return(plain("duration", paste0(if (seconds < 0) "-" else "", sprintf("%.0f", parts$whole), parts$text)))
    }
    if (is.factor(value)) return(plain("string", as.character(value)))
    if (is.logical(value)) return(plain("bool", as.vector(value)))
    if (is.integer(value)) return(plain("int", as.character(as.vector(value))))
    if (is.double(value)) return(plain("float", exact(as.vector(value))))
    if (is.character(value)) return(plain("string", enc2utf8(as.vector(value))))
    refuse(path, value, "no other language knows this type")
  }
  encode <- function(value, path = "", depth = 0) {
    if (depth > 100) refuse(path, value, "it is nested deeper than 100 levels")
    if (is.null(value)) return(list(t = jsonlite::unbox("null")))
    if (is.data.frame(value)) return(table(value, path))
    if (inherits(value, "POSIXlt")) value <- as.POSIXct(value)
    if (is.raw(value)) return(plain("bytes", base64(value)))
    if (is.matrix(value)) return(table(as.data.frame(value), path))
    if (!is.list(value) && !is.atomic(value)) refuse(path, value, "no other language knows this type")
    names <- names(value)
    if (!is.null(names)) {
      pairs <- lapply(seq_along(value), function(place) {
        list(jsonlite::unbox(enc2utf8(names[place])), encode(value[[place]], paste0(path, "$", names[place]), depth + 1))
      })
      return(many("map", pairs))
    }
    if (!is.list(value) && length(value) == 1) return(scalar(value, path))
    many("list", lapply(seq_along(value), function(place) {
      inner <- paste0(path, "[[", place, "]]")
      if (is.list(value)) encode(value[[place]], inner, depth + 1) else scalar(value[place], inner)
    }))
  }
  table <- function(frame, path) {
    columns <- lapply(names(frame), function(name) {
      list(name = jsonlite::unbox(name), type = jsonlite::unbox(class(frame[[name]])[1]))
    })
    rows <- lapply(seq_len(nrow(frame)), function(row) {
      lapply(unname(as.list(frame)), function(column) {
        if (is.list(column)) encode(column[[row]], path, 1) else scalar(column[row], path)
      })
    })
    list(t = jsonlite::unbox("table"), v = list(columns = columns, count = jsonlite::unbox(nrow(frame)), rows = rows))
  }
  zoned <- function(text) {
    found <- regmatches(text, regexec("^(.{19})(\\.[0-9]+)?(Z|[+-][0-9:]+)?$", text))[[1]]
    if (!length(found)) stop(sprintf("%s is no date and time", text), call. = FALSE)
    part <- if (nzchar(found[3])) as.numeric(paste0("0", found[3])) else 0
    if (!nzchar(found[4])) return(.POSIXct(unclass(as.POSIXct(found[2], format = "%Y-%m-%dT%H:%M:%S", tz = "")) + part))
    offset <- if (found[4] == "Z") "+00:00" else found[4]
    sign <- if (startsWith(offset, "-")) -1 else 1
    parts <- as.numeric(strsplit(substring(offset, 2), ":")[[1]])
    seconds <- sign * (parts[1] * 3600 + parts[2] * 60)
    at <- unclass(as.POSIXct(found[2], format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")) - seconds + part
    hours <- seconds / 3600
    # "Etc/GMT-2" is what POSIX calls two hours east of Greenwich.
    zone <- if (hours == 0 || hours != round(hours)) "UTC" else sprintf("Etc/GMT%+d", as.integer(-hours))
    .POSIXct(as.numeric(at), tz = zone)
  }
  number <- function(text) {
    size <- nchar(sub("^-", "", text))
    if (size > 16 || abs(as.numeric(text)) > 2^53) stop(sprintf("R has no integer as large as %s", text), call. = FALSE)
    value <- as.numeric(text)
    if (abs(value) <= .Machine$integer.max) as.integer(value) else value
  }
  decode <- function(typed) {
    value <- typed$v
    switch(typed$t,
      null = NULL,
      bool = value,
      int = number(value),
      float = if (value == "NaN") NaN else if (value == "Infinity") Inf else if (value == "-Infinity") -Inf else as.numeric(value),
      string = value,
      bytes = jsonlite::base64_dec(value),
      date = as.Date(value),
      datetime = zoned(value),
      duration = as.difftime(as.numeric(value), units = "secs"),
      list = together(lapply(value, decode)),
      set = together(lapply(value, decode)),
      map = structure(lapply(value, function(pair) decode(pair[[2]])), names = vapply(value, function(pair) pair[[1]], "")),
      table = frame(value),
      stop(sprintf("R has no values of the type %s", typed$t), call. = FALSE)
    )
  }
  together <- function(items) {
    kinds <- unique(lapply(items, class))
    single <- length(items) > 1 && length(kinds) == 1 && all(lengths(items) == 1) &&
      all(vapply(items, function(item) is.atomic(item) && is.null(names(item)) && !is.raw(item), NA))
    if (single) do.call(c, items) else items
  }
  frame <- function(content) {
    if (!is.null(content$arrow)) stop("R was given a table as a file", call. = FALSE)
    columns <- lapply(seq_along(content$columns), function(place) {
      items <- lapply(content$rows, function(row) decode(row[[place]]))
      column <- together(lapply(items, function(item) if (is.null(item)) NA else item))
      if (is.list(column)) {
        there <- together(Filter(Negate(is.null), items))
        if (!is.list(there) || length(there) == 1) {
          column <- rep(if (is.list(there)) there[[1]][NA] else there[NA_integer_], length.out = length(items))
          column[!vapply(items, is.null, NA)] <- if (is.list(there)) there[[1]] else there
        }
      }
      if (is.list(column)) I(column) else column
    })
    names(columns) <- vapply(content$columns, function(column) column$name, "")
    result <- structure(columns, class = "data.frame", row.names = .set_row_names(content$count))
    result
  }
  shown <- function(name) {
    value <- get(name, envir = globalenv())
    text <- tryCatch(paste(trimws(capture.output(utils::str(value, give.attr = FALSE, vec.len = 6, list.len = 6))), collapse = " "),
      error = function(error) class(value)[1]
    )
    if (nchar(text) > 120) text <- paste0(substr(text, 1, 119), "\u2026")
    collection <- is.data.frame(value) || is.list(value) || (is.atomic(value) && length(value) != 1)
    list(
      name = jsonlite::unbox(name), type = jsonlite::unbox(class(value)[1]), preview = jsonlite::unbox(text),
      count = if (is.data.frame(value)) jsonlite::unbox(nrow(value)) else if (collection) jsonlite::unbox(length(value)) else NULL,
      shape = jsonlite::unbox(if (is.null(dim(value))) "" else paste(dim(value), collapse = " x "))
    )
  }
  present <- function() {
    names <- ls(globalenv())
    active <- vapply(names, function(name) bindingIsActive(name, globalenv()), NA)
    names <- names[!active]
    names[!vapply(names, function(name) is.function(get(name, envir = globalenv())), NA)]
  }
  # R copies on change, so an object that is the same object has not changed; holding it makes sure of that.
  known <- list()
  unchanged <- function(name) identical(known[[name]]$value, get(name, envir = globalenv()))
  remember <- function(name) known[[name]] <<- list(value = get(name, envir = globalenv()))
  changes <- function() {
    names <- present()
    gone <- setdiff(names(known), names)
    for (name in gone) known[[name]] <<- NULL
    added <- setdiff(names, names(known))
    changed <- Filter(function(name) !unchanged(name), setdiff(names, added))
    for (name in c(added, changed)) remember(name)
    list(added = lapply(added, shown), changed = lapply(changed, shown), removed = lapply(gone, jsonlite::unbox))
  }
  handle <- function(request) {
    switch(request$type,
      changes = changes(),
      list = list(variables = lapply(present(), shown)),
      get = {
        if (!request$name %in% present()) stop(sprintf("there is no variable '%s' in R", request$name), call. = FALSE)
        list(value = encode(get(request$name, envir = globalenv()), request$name))
      },
      set = {
        assign(request$name, decode(request$value), envir = globalenv())
        remember(request$name)
        list()
      }
    )
  }
  answer <- function(text) {
    reply <- tryCatch(c(list(status = jsonlite::unbox("ok")), handle(jsonlite::fromJSON(text, simplifyVector = FALSE))),
      error = function(error) list(status = jsonlite::unbox("error"), message = jsonlite::unbox(conditionMessage(error)))
    )
    cat(jsonlite::toJSON(reply, null = "null", digits = NA))
  }
  environment()
})
# Out of the user's own space.
attach(list(.verso = .verso), name = "verso", warn.conflicts = FALSE)
rm(.verso, envir = globalenv())
cat("verso ready")
