-- One row per person and genre with enough ratings: how often, how well liked, and how that compares.
-- Sums of whole stars are exact, so that every engine gives the same numbers.
WITH rated AS (
    SELECT user_id, movie_id, CAST(rating AS bigint) AS stars
    FROM movielens_ratings
    WHERE CAST(rated_at AS date) <= CAST(:as_of AS date)
),
person AS (
    SELECT user_id, COUNT(*) AS ratings, CAST(SUM(stars) AS double) / COUNT(*) AS mean_stars
    FROM rated
    GROUP BY user_id
),
film_genre AS (
    SELECT film.movie_id, tag.genre
    FROM movielens_items AS film
    CROSS JOIN UNNEST(film.genres) AS tag (genre)
),
person_genre AS (
    SELECT rated.user_id, film_genre.genre, COUNT(*) AS ratings, CAST(SUM(rated.stars) AS double) AS stars
    FROM rated
    JOIN film_genre ON film_genre.movie_id = rated.movie_id
    GROUP BY rated.user_id, film_genre.genre
),
everybody AS (
    SELECT CAST(COUNT(*) AS double) AS ratings FROM rated
),
genre_share AS (
    SELECT person_genre.genre, SUM(person_genre.ratings) / MAX(everybody.ratings) AS share
    FROM person_genre
    CROSS JOIN everybody
    GROUP BY person_genre.genre
),
measured AS (
    SELECT
        person_genre.user_id,
        person_genre.genre,
        person_genre.ratings AS rating_count,
        CAST(person_genre.ratings AS double) / person.ratings AS rating_share,
        person_genre.stars / person_genre.ratings AS mean_rating,
        CAST(person_genre.ratings AS double) / person.ratings / genre_share.share AS lift,
        ROUND(
            (person_genre.stars - person_genre.ratings * person.mean_stars) / (person_genre.ratings + :damping), 9
        ) AS affinity
    FROM person_genre
    JOIN person ON person.user_id = person_genre.user_id
    JOIN genre_share ON genre_share.genre = person_genre.genre
    WHERE person_genre.ratings >= :minimum_ratings
)
SELECT
    user_id,
    genre,
    rating_count,
    rating_share,
    mean_rating,
    lift,
    affinity,
    ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY affinity DESC, rating_count DESC, genre ASC) AS interest_rank
FROM measured
