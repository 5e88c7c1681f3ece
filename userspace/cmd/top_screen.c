// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl top: on a terminal.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The terminal is /dev/tty, so that a program that is recorded can be kept from
 * writing over it.
 */
#include "top_screen.h"

#ifdef HAVE_NCURSES

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

enum {
	/* Title, description, columns; keys at the bottom. */
	FIRST_LINE = 3,
	LINES_AROUND = FIRST_LINE + 1,
	ESCAPE = 27,
	FILTER_BYTES = 128,
	/* Of a key that begins with Esc: it is a person's or it is the key's.
	 */
	ESCAPE_MS = 50,
};

/* What is on the screen. */
enum view {
	VIEW_FUNCTIONS,
	VIEW_STACKS,
	/* The filter is being typed. */
	VIEW_FILTER,
};

/**
 * struct kprof_top_screen - a screen
 * @top: what is shown
 * @title: what is looked at
 * @tty: the terminal
 * @curses: what curses knows of it
 * @view: what is on it
 * @selected: row that the cursor is on
 * @first: row, or line, at the top
 * @function: name of the selected one; it keeps the cursor
 * @stacks: of that function
 * @filter: that is typed, or was
 * @is_wrong: it is no regular expression
 */
struct kprof_top_screen {
	struct kprof_top *top;
	const char *title;
	FILE *tty;
	SCREEN *curses;
	enum view view;
	size_t selected;
	size_t first;
	char *function;
	kprof_top_lines stacks;
	char filter[FILTER_BYTES];
	bool is_wrong;
};

/* Lifetime */

int kprof_top_screen_open(struct kprof_top *top, const char *title,
			  struct kprof_top_screen **ret)
{
	struct kprof_top_screen *screen = calloc(1, sizeof(*screen));

	if (!screen)
		return -ENOMEM;
	screen->top = top;
	screen->title = title;
	screen->tty = fopen("/dev/tty", "r+e");
	if (screen->tty)
		screen->curses = newterm(NULL, screen->tty, screen->tty);
	if (!screen->curses) {
		kprof_top_screen_close(screen);
		return -ENOTTY;
	}
	/* Ctrl-C stays a signal. */
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	*ret = screen;
	return 0;
}

void kprof_top_screen_close(struct kprof_top_screen *screen)
{
	if (!screen)
		return;
	if (screen->curses) {
		curs_set(1);
		endwin();
		delscreen(screen->curses);
	}
	if (screen->tty)
		fclose(screen->tty);
	kprof_top_free_lines(&screen->stacks);
	free(screen->function);
	free(screen);
}

int kprof_top_screen_fd(const struct kprof_top_screen *screen)
{
	return fileno(screen->tty);
}

/* Positions */

static size_t lines_shown(void)
{
	return LINES > LINES_AROUND ? LINES - LINES_AROUND : 1;
}

static size_t nr_lines(const struct kprof_top_screen *screen)
{
	return screen->view == VIEW_STACKS ? screen->stacks.nr
					   : screen->top->nr_rows;
}

/* The cursor follows its function, or stays where it is if that is gone. */
static void find_selected(struct kprof_top_screen *screen)
{
	const struct kprof_top *top = screen->top;

	for (size_t i = 0; screen->function && i < top->nr_rows; i++)
		if (!strcmp(top->rows[i].name, screen->function))
			screen->selected = i;
	if (screen->selected >= top->nr_rows)
		screen->selected = top->nr_rows ? top->nr_rows - 1 : 0;
}

/* So that the cursor is on the screen, and no more is empty than has to be. */
static void scroll_to_selected(struct kprof_top_screen *screen)
{
	size_t shown = lines_shown(), nr = nr_lines(screen);

	if (screen->view != VIEW_STACKS) {
		if (screen->selected < screen->first)
			screen->first = screen->selected;
		if (screen->selected >= screen->first + shown)
			screen->first = screen->selected - shown + 1;
	}
	if (screen->first + shown > nr)
		screen->first = nr > shown ? nr - shown : 0;
}

/* Only a cursor that was moved is on a function; at first it is on the top. */
static void remember_function(struct kprof_top_screen *screen)
{
	const struct kprof_top *top = screen->top;

	free(no_cleanup_ptr(screen->function));
	if (screen->selected && screen->selected < top->nr_rows)
		screen->function = strdup(top->rows[screen->selected].name);
}

static void move_by(struct kprof_top_screen *screen, long lines)
{
	size_t *position = screen->view == VIEW_STACKS ? &screen->first
						       : &screen->selected;
	size_t last = nr_lines(screen) ? nr_lines(screen) - 1 : 0;

	if (lines < 0 && (size_t)-lines > *position)
		*position = 0;
	else if (lines > 0 && (size_t)lines > last - *position)
		*position = last;
	else
		*position += lines;
	if (screen->view != VIEW_STACKS)
		remember_function(screen);
}

/* Drawing */

static void draw_line(int line, int attributes, const char *text)
{
	move(line, 0);
	clrtoeol();
	attrset(attributes);
	/* The last column would wrap on some terminals. */
	addnstr(text, COLS - 1);
	for (int x = getcurx(stdscr); attributes & A_REVERSE && x < COLS - 1;
	     x++)
		addch(' ');
	attrset(A_NORMAL);
}

static void draw_head(const struct kprof_top_screen *screen)
{
	const struct kprof_top *top = screen->top;
	char line[KPROF_TOP_LINE_BYTES];

	snprintf(line, sizeof(line), "kprofctl top: %s%s%s%s", screen->title,
		 top->is_paused ? ", paused" : "",
		 top->has_filter ? ", only /" : "",
		 top->has_filter ? screen->filter : "");
	draw_line(0, A_BOLD, line);
	kprof_top_describe(top, line);
	draw_line(1, A_NORMAL, line);
	if (screen->view == VIEW_STACKS)
		snprintf(line, sizeof(line), "  SHARE  STACKS WITH %s",
			 screen->function ?: "");
	else
		snprintf(line, sizeof(line), "%s, by %s", KPROF_TOP_COLUMNS,
			 top->by_cum ? "CUM%" : "FLAT%");
	draw_line(2, A_REVERSE, line);
}

static void draw_foot(const struct kprof_top_screen *screen)
{
	char line[KPROF_TOP_LINE_BYTES];

	if (screen->view == VIEW_FILTER)
		snprintf(line, sizeof(line), "/%s_%s", screen->filter,
			 screen->is_wrong ? "  (no regular expression)" : "");
	else
		snprintf(line, sizeof(line), "%s",
			 screen->view == VIEW_STACKS
				 ? "Esc back  Up Down PgUp PgDn move  p pause  "
				   "q quit"
				 : "Enter stacks  f flat  c cum  / filter  p "
				   "pause  Up Down move  q quit");
	draw_line(LINES - 1, A_NORMAL, line);
}

static void draw_body(const struct kprof_top_screen *screen)
{
	char row[KPROF_TOP_LINE_BYTES];
	bool is_stacks = screen->view == VIEW_STACKS;

	for (size_t i = 0; i < lines_shown(); i++) {
		size_t at = screen->first + i;
		const char *text = "";

		if (at < nr_lines(screen) && is_stacks) {
			text = screen->stacks.data[at];
		} else if (at < nr_lines(screen)) {
			kprof_top_format_row(screen->top, at, row);
			text = row;
		}
		draw_line(FIRST_LINE + i,
			  !is_stacks && *text && at == screen->selected
				  ? A_REVERSE
				  : A_NORMAL,
			  text);
	}
}

static void redraw(struct kprof_top_screen *screen)
{
	scroll_to_selected(screen);
	draw_head(screen);
	draw_body(screen);
	draw_foot(screen);
	refresh();
}

void kprof_top_screen_draw(struct kprof_top_screen *screen)
{
	/* Stacks are those of the moment when they were asked for. */
	if (screen->view != VIEW_STACKS)
		find_selected(screen);
	redraw(screen);
}

/* Keys */

static void show_stacks(struct kprof_top_screen *screen)
{
	const struct kprof_top *top = screen->top;

	if (!top->nr_rows)
		return;
	free(no_cleanup_ptr(screen->function));
	screen->function = strdup(top->rows[screen->selected].name);
	kprof_top_free_lines(&screen->stacks);
	if (kprof_top_stacks(top, screen->selected, &screen->stacks))
		return;
	screen->view = VIEW_STACKS;
	screen->first = 0;
}

static void show_functions(struct kprof_top_screen *screen)
{
	screen->view = VIEW_FUNCTIONS;
	screen->first = 0;
	find_selected(screen);
}

static void set_order(struct kprof_top_screen *screen, bool by_cum)
{
	screen->top->by_cum = by_cum;
	(void)!kprof_top_sort(screen->top);
	find_selected(screen);
}

static void set_filter(struct kprof_top_screen *screen)
{
	screen->is_wrong =
		kprof_top_set_filter(screen->top, screen->filter) == -EINVAL;
	find_selected(screen);
}

/* What is typed filters at once; Esc takes it back. */
static void handle_filter_key(struct kprof_top_screen *screen, int key)
{
	size_t len = strlen(screen->filter);

	if (key == ESCAPE)
		*screen->filter = '\0';
	if (key == ESCAPE || key == '\r' || key == '\n' || key == KEY_ENTER)
		screen->view = VIEW_FUNCTIONS;
	else if ((key == KEY_BACKSPACE || key == '\b' || key == 127) && len)
		screen->filter[len - 1] = '\0';
	else if (key >= ' ' && key < 127 && len + 1 < FILTER_BYTES)
		memcpy(screen->filter + len, (char[]){key, '\0'}, 2);
	set_filter(screen);
}

static void handle_move(struct kprof_top_screen *screen, int key)
{
	long page = lines_shown();

	if (key == KEY_UP || key == 'k')
		move_by(screen, -1);
	else if (key == KEY_DOWN || key == 'j')
		move_by(screen, 1);
	else if (key == KEY_PPAGE)
		move_by(screen, -page);
	else if (key == KEY_NPAGE || key == ' ')
		move_by(screen, page);
	else if (key == KEY_HOME)
		move_by(screen, -(long)nr_lines(screen));
	else if (key == KEY_END)
		move_by(screen, nr_lines(screen));
}

static void handle_key(struct kprof_top_screen *screen, int key)
{
	bool is_stacks = screen->view == VIEW_STACKS;

	if (key == KEY_RESIZE)
		clear();
	else if (key == 'p')
		(void)!kprof_top_set_paused(screen->top,
					    !screen->top->is_paused);
	else if (is_stacks && (key == ESCAPE || key == KEY_BACKSPACE))
		show_functions(screen);
	else if (!is_stacks && (key == '\r' || key == '\n' || key == KEY_ENTER))
		show_stacks(screen);
	else if (!is_stacks && (key == 'f' || key == 'c'))
		set_order(screen, key == 'c');
	else if (!is_stacks && key == '/')
		screen->view = VIEW_FILTER;
	else
		handle_move(screen, key);
}

bool kprof_top_screen_read(struct kprof_top_screen *screen)
{
	int key;

	while ((key = getch()) != ERR) {
		if (screen->view == VIEW_FILTER && key != KEY_RESIZE)
			handle_filter_key(screen, key);
		else if (key == 'q')
			return false;
		else
			handle_key(screen, key);
	}
	redraw(screen);
	return true;
}

#endif
